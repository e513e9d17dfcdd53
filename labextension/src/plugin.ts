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
import { offerOutputs } from "./lab/drag";
import { addErrorRenderer } from "./lab/error_output";
import { KernelLook } from "./lab/kernel_console";
import { addRenderer } from "./lab/mime";
import { markTitle, notifyWhenWaiting } from "./lab/notify";
import { ChatPanel } from "./lab/panel";
import { addPanelCommands } from "./lab/panel_commands";
import { preferencesOf } from "./lab/settings";
import { AgentStatus, placeStatus } from "./lab/status";
import { addPluginStyle } from "./lab/style";

const PLUGIN = "autogen-jupyter:plugin";
const DOMAIN = "autogen_jupyter";
const IN_PALETTE = [
  COMMANDS.ask,
  COMMANDS.fix,
  COMMANDS.newChat,
  COMMANDS.linked,
  COMMANDS.panel,
  COMMANDS.addCell,
  COMMANDS.addOutput,
  COMMANDS.kernel,
  COMMANDS.stop,
];

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
    const cells = new CellCommands(app, agents, trans, preferences);
    cells.register();
    addErrorRenderer(tracker, trans, (element) => cells.askAbout(element));
    offerOutputs(tracker);
    addRenderer(rendermime, tracker, (notebook) => void agents.bind(notebook));
    const panel = new ChatPanel(agents, trans);
    app.shell.add(panel, "right", { rank: 900 });
    const show = () => app.shell.activateById(panel.id);
    notifyWhenWaiting(app, agents, trans, preferences);
    markTitle(agents);
    const look = new KernelLook(app, agents, trans, show);
    const openLook = () => look.show(statusBar ? status : null);
    const status = new AgentStatus(agents, trans, () => void openLook());
    addPanelCommands(app, agents, trans, { panel, show, look: openLook });
    placeStatus(status, statusBar, app.shell);
    const category = trans.__("Agents");
    for (const command of IN_PALETTE) {
      palette?.addItem({ command, category });
    }
    launcher?.add({ command: COMMANDS.newChat, category: trans.__("Notebook"), rank: 90 });
  },
};

export default plugin;
