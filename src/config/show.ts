import { type Config, type SettingName, settingNames, settings } from '../config.ts'
import type { Setting } from './setting.ts'
import { showValue } from './values.ts'

/** Every value as it may be shown. */
export function showConfig(config: Config): Readonly<Record<SettingName, string>> {
  const shown = settingNames.map((name) => [name, showSetting(settings[name], config[name])])
  return Object.fromEntries(shown) as Record<SettingName, string>
}

function showSetting({ display, default: unset }: Setting<unknown>, value: unknown): string {
  return display === 'secret' && value !== unset ? '***' : showValue(value)
}
