// The plugin's settings, as `schema/plugin.json` defines them.
import type { ISettingRegistry } from "@jupyterlab/settingregistry";

export interface Preferences {
  readonly sendOutputs: boolean;
  readonly notify: boolean;
}

const DEFAULTS: Preferences = { sendOutputs: true, notify: false };

/** Returns what is set now. Without a registry, and until it has answered, the defaults hold. */
export function preferencesOf(registry: ISettingRegistry | null, plugin: string): () => Preferences {
  let now = DEFAULTS;
  const take = (settings: ISettingRegistry.ISettings) => {
    now = { ...DEFAULTS, ...(settings.composite as Partial<Preferences>) };
  };
  registry?.load(plugin).then(
    (settings) => {
      take(settings);
      settings.changed.connect(take);
    },
    () => undefined,
  );
  return () => now;
}
