// Entry of the JupyterLab plugin. It is loaded when JupyterLab starts, so it holds little; what it shows is loaded when it is needed.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { Agents } from "./lab/agents";
import { CellCommands, COMMANDS } from "./lab/commands";
import { chatIcon } from "./lab/icons";
import { addRenderer } from "./lab/mime";
import { notifyWhenWaiting } from "./lab/notify";
import { ChatPanel } from "./lab/panel";
import { preferencesOf } from "./lab/settings";
import { AgentStatus } from "./lab/status";
import { addPluginStyle } from "./lab/style";

const PLUGIN = "autogen-jupyter:plugin";
const DOMAIN = "autogen_jupyter";

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "Agent chats: saved chats, commands on cells, the state of the agents.",
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ITranslator, ISettingRegistry, ICommandPalette, ILauncher, IStatusBar],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    statusBar: IStatusBar | null,
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    const preferences = preferencesOf(settings, PLUGIN);
    const agents = new Agents(tracker);
    addPluginStyle();
    new CellCommands(app, tracker, trans, preferences).register();
    addRenderer(rendermime, tracker, (notebook) => void agents.bind(notebook));
    const panel = new ChatPanel(agents, trans);
    app.shell.add(panel, "right", { rank: 900 });
    const show = () => app.shell.activateById(panel.id);
    app.commands.addCommand(COMMANDS.panel, {
      label: trans.__("Agent chats"),
      caption: trans.__("Show or hide the chats of the notebook in front, in the side bar"),
      icon: chatIcon,
      isToggled: () => panel.isVisible,
      execute: () => (panel.isVisible ? (app.shell as { collapseRight?(): void }).collapseRight?.() : show()),
    });
    notifyWhenWaiting(app, agents, trans, preferences);
    const status = new AgentStatus(agents, trans, show);
    statusBar?.registerStatusItem("autogen-jupyter:status", { item: status, align: "left", rank: 90 });
    const category = trans.__("Agents");
    for (const command of [COMMANDS.ask, COMMANDS.fix, COMMANDS.newChat, COMMANDS.linked, COMMANDS.panel]) {
      palette?.addItem({ command, category });
    }
    launcher?.add({ command: COMMANDS.newChat, category: trans.__("Notebook"), rank: 90 });
  },
};

export default plugin;
