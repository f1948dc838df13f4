/** A platform as RubyGems takes it apart. */
export interface Platform {
  readonly cpu: string | undefined
  readonly os: string
  readonly version: string | undefined
}

/** Patterns of the operating system, the version as their group. Source: rubygems lib/rubygems/platform.rb. */
const systems: readonly (readonly [RegExp, string])[] = [
  [/^aix(\d+)?/, 'aix'],
  [/^cygwin/, 'cygwin'],
  [/^darwin-?(\d+)?/, 'darwin'],
  [/^macruby(\d+(?:\.\d+)*)?/, 'macruby'],
  [/^freebsd-?(\d+)?/, 'freebsd'],
  [/^(?:java|jruby)-?(\d+(?:\.\d+)*)?/, 'java'],
  [/^dalvik-?(\d+)?/, 'dalvik'],
  [/^dotnet-?(\d+(?:\.\d+)*)?/, 'dotnet'],
  [/^linux-?([a-z]\w*)?/, 'linux'],
  [/^mingw32/, 'mingw32'],
  [/^mingw-?(\w+)?/, 'mingw'],
  [/^mswin64[-_]?(\d+)?/, 'mswin64'],
  [/^mswin32[-_]?(\d+)?/, 'mswin32'],
  [/^netbsdelf/, 'netbsdelf'],
  [/^openbsd-?(\d+\.\d+)?/, 'openbsd'],
  [/^solaris-?(\d+\.\d+)?/, 'solaris'],
  [/^wasi/, 'wasi'],
]

/** Old RubyGems wants the parts; new ones read the text again. Never throws. */
export function parsePlatformParts(text: string): Platform {
  const dash = text.indexOf('-')
  if (dash < 0) return alone(text)
  const cpu = text.slice(0, dash)
  return { cpu: /^i[3-6]86$/.test(cpu) ? 'x86' : cpu, ...systemOf(text.slice(dash + 1)) }
}

function alone(text: string): Platform {
  const system = systemOf(text)
  return { cpu: system.os === 'mswin32' ? 'x86' : undefined, ...system }
}

function systemOf(text: string): Pick<Platform, 'os' | 'version'> {
  for (const [pattern, os] of systems) {
    const found = pattern.exec(text)
    if (!found) continue
    const version = found[1]
    return { os, version: os === 'linux' && version === 'gnu' ? undefined : version }
  }
  return { os: 'unknown', version: undefined }
}
