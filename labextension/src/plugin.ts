// Entry of the JupyterLab plugin. It is loaded when JupyterLab starts, so it holds little; what it shows is loaded when it is needed.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { ILauncher } from "@jupyterlab/launcher";
import { INotebookTracker } from "@jupyterlab/notebook";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { ITranslator, nullTranslator } from "@jupyterlab/translation";
import { CellCommands, COMMANDS } from "./lab/commands";
import { addRenderer } from "./lab/mime";
import { preferencesOf } from "./lab/settings";

const PLUGIN = "autogen-jupyter:plugin";
const DOMAIN = "autogen_jupyter";

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "Agent chats: saved chats, commands on cells, the state of the agents.",
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ITranslator, ISettingRegistry, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
  ) => {
    const trans = (translator ?? nullTranslator).load(DOMAIN);
    new CellCommands(app, tracker, trans, preferencesOf(settings, PLUGIN)).register();
    addRenderer(rendermime, tracker, () => undefined);
    const category = trans.__("Agents");
    for (const command of [COMMANDS.ask, COMMANDS.fix, COMMANDS.newChat, COMMANDS.linked]) {
      palette?.addItem({ command, category });
    }
    launcher?.add({ command: COMMANDS.newChat, category: trans.__("Notebook"), rank: 90 });
  },
};

export default plugin;
