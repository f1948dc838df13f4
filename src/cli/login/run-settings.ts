import { basename } from 'node:path'
import type { Login } from './aws-client.ts'
import { gradleScript } from './renewing.ts'
import { NAME, withToken } from './tool.ts'
import { bundlerKey, changeMaven, changeNpmrc } from './tools.ts'

/** The formats whose tools one command may be, or may start. */
export const runFormats = ['npm', 'pypi', 'maven', 'nuget', 'ruby', 'cargo'] as const
export type RunFormat = (typeof runFormats)[number]

/** One token, and where each format is. */
export interface RunLogin {
  readonly token: string
  readonly endpoints: Readonly<Record<RunFormat, URL>>
}

const loginOf = ({ token, endpoints }: RunLogin, format: RunFormat): Login => ({
  token,
  endpoint: endpoints[format],
  expiresAt: 0,
})

/** What stands in the person's own settings, to be kept. */
export interface OwnSettings {
  readonly npmrc: string
  readonly mavenSettings: string
}

/** Files that live as long as the command, by name. */
export function runFiles(login: RunLogin, own: OwnSettings): Readonly<Record<string, string>> {
  return {
    npmrc: changeNpmrc(own.npmrc, loginOf(login, 'npm')),
    'settings.xml': changeMaven(own.mavenSettings, loginOf(login, 'maven')),
    'packyard.gradle': gradleScript(loginOf(login, 'maven'), `'${login.token}'`),
    gemrc: `:sources:\n- ${withToken(loginOf(login, 'ruby'))}\n`,
  }
}

/** Source: each tool's own documentation of its environment. */
export function runVariables(login: RunLogin, fileOf: (name: string) => string): Readonly<Record<string, string>> {
  const { token, endpoints } = login
  const { href: python } = endpoints.pypi
  const simple = `${withToken(loginOf(login, 'pypi'))}simple/`
  const registry = `CARGO_REGISTRIES_${NAME.toUpperCase()}`
  return {
    CODEARTIFACT_AUTH_TOKEN: token,
    NPM_CONFIG_USERCONFIG: fileOf('npmrc'),
    YARN_NPM_REGISTRY_SERVER: endpoints.npm.href,
    YARN_NPM_AUTH_TOKEN: token,
    YARN_NPM_ALWAYS_AUTH: 'true',
    PIP_INDEX_URL: simple,
    UV_DEFAULT_INDEX: simple,
    UV_PUBLISH_URL: python,
    UV_PUBLISH_USERNAME: 'aws',
    UV_PUBLISH_PASSWORD: token,
    TWINE_REPOSITORY_URL: python,
    TWINE_USERNAME: 'aws',
    TWINE_PASSWORD: token,
    [`NuGetPackageSourceCredentials_${NAME}`]: `Username=aws;Password=${token}`,
    GEMRC: fileOf('gemrc'),
    GEM_HOST_API_KEY: `Bearer ${token}`,
    RUBYGEMS_HOST: endpoints.ruby.href.replace(/\/$/, ''),
    [bundlerKey({ endpoint: endpoints.ruby })]: `aws:${token}`,
    [`${registry}_INDEX`]: `sparse+${endpoints.cargo.href}`,
    [`${registry}_TOKEN`]: `Bearer ${token}`,
    [`${registry}_CREDENTIAL_PROVIDER`]: 'cargo:token',
  }
}

/** Some tools are told by their arguments only. None of them is a secret: others can see what runs. */
export function runArguments(
  [file = '', ...words]: readonly string[],
  fileOf: (name: string) => string,
): readonly string[] {
  const tool = basename(file).replace(/\.(cmd|bat|exe)$/, '')
  if (/^mvnw?$/.test(tool) && !words.some((word) => /^(-s|--settings)/.test(word))) {
    return [file, '--settings', fileOf('settings.xml'), ...words]
  }
  if (/^gradlew?$/.test(tool)) return [file, '--init-script', fileOf('packyard.gradle'), ...words]
  if (tool === 'cargo') {
    // A toolchain has to stay the first word.
    const after = words[0]?.startsWith('+') ? 1 : 0
    const config = ['--config', `source.crates-io.replace-with="${NAME}"`]
    return [file, ...words.toSpliced(after, 0, ...config)]
  }
  return [file, ...words]
}
