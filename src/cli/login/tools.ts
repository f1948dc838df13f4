import { createRequire } from 'node:module'
import type { Login } from './aws-client.ts'
import { setBlock, setElement, setInSection, setLine } from './edits.ts'
import {
  gradleFile,
  gradleScript,
  nugetFile,
  renewGradle,
  renewNuget,
  renewPip,
  renewUv,
  setNugetCredentials,
  setNugetSource,
  setUvIndex,
  uvIndex,
} from './renewing.ts'
import { escapeXml, type FileChange, NAME, type Tool, type ToolLogin, withoutScheme, withToken } from './tool.ts'

export const loginTools = [
  'npm',
  'pip',
  'uv',
  'twine',
  'maven',
  'gradle',
  'nuget',
  'dotnet',
  'gem',
  'bundler',
  'cargo',
  'swift',
] as const
export type LoginTool = (typeof loginTools)[number]

/** Source of each: the package manager's own documentation of its configuration files. */
export const tools: Readonly<Record<LoginTool, Tool>> = {
  npm: { format: 'npm', changes: (login) => [{ file: '.npmrc', change: (text) => changeNpmrc(text, login) }] },
  pip: {
    format: 'pypi',
    changes: (login) => [
      {
        file: '.config/pip/pip.conf',
        change: (text) => setInSection(text, 'global', { 'index-url': `${withToken(login)}simple/` }),
      },
    ],
    renewing: renewPip,
  },
  uv: {
    format: 'pypi',
    changes: (login) => [
      {
        file: '.config/uv/uv.toml',
        change: (text) => setUvIndex(text, uvIndex(`${withToken(login)}simple/`)),
      },
    ],
    renewing: renewUv,
  },
  twine: {
    format: 'pypi',
    changes: ({ endpoint, token }) => [
      {
        file: '.pypirc',
        change(text) {
          const listed = setInSection(text, 'distutils', { 'index-servers': 'codeartifact' })
          return setInSection(listed, 'codeartifact', { repository: endpoint.href, username: 'aws', password: token })
        },
      },
    ],
    advice: () => 'Publish with: twine upload --repository codeartifact dist/*',
  },
  maven: {
    format: 'maven',
    changes: (login) => [{ file: '.m2/settings.xml', change: (text) => changeMaven(text, login) }],
  },
  gradle: {
    format: 'maven',
    changes: (login) => [{ file: gradleFile, change: () => gradleScript(login, `'${login.token}'`) }],
    renewing: renewGradle,
  },
  nuget: { format: 'nuget', changes: nugetChanges, renewing: renewNuget },
  dotnet: { format: 'nuget', changes: nugetChanges, renewing: renewNuget },
  gem: {
    format: 'ruby',
    changes: (login) => [
      {
        file: '.gem/credentials',
        change: (text) => changeYaml(text, [':codeartifact_api_key'], `Bearer ${login.token}`),
      },
      { file: '.gemrc', change: (text) => changeYaml(text, [':sources'], [withToken(login)]) },
    ],
    advice: ({ endpoint }) => `Publish with: gem push --key codeartifact_api_key --host ${endpoint.href} NAME.gem`,
  },
  bundler: {
    format: 'ruby',
    changes: (login) => [
      { file: '.bundle/config', change: (text) => changeYaml(text, [bundlerKey(login)], `aws:${login.token}`) },
    ],
    advice: ({ endpoint }) => `In the Gemfile: source "${endpoint.href}"`,
  },
  cargo: {
    format: 'cargo',
    changes: (login) => [cargoChange(login)],
    renewing: (login) => ({ files: [cargoChange(login)], advice: 'Cargo asks for a token itself, as always.' }),
    advice: () => `Cargo asks for a token itself from now on. Publish with: cargo publish --registry ${NAME}`,
  },
  swift: {
    format: 'swift',
    changes: ({ endpoint, token }) => [
      { file: '.swiftpm/configuration/registries.json', change: (text) => changeSwift(text, endpoint) },
      { file: '.netrc', change: (text) => changeNetrc(text, endpoint, token) },
    ],
  },
}

export function changeNpmrc(text: string, login: Login): string {
  const [key, always] = [`${withoutScheme(login)}:_authToken`, `${withoutScheme(login)}:always-auth`]
  const named = setLine(text, 'registry', `registry=${login.endpoint.href}`)
  // Without the last one Yarn 1 shows its token for packages with a scope only.
  return setLine(setLine(named, key, `${key}=${login.token}`), always, `${always}=true`)
}

export function changeMaven(text: string, { endpoint, token }: Login): string {
  const server = `<server><id>${NAME}</id><username>aws</username><password>${token}</password></server>`
  const mirror = `<mirror><id>${NAME}</id><mirrorOf>*</mirrorOf><url>${escapeXml(endpoint.href)}</url></mirror>`
  const mark = (name: string) => new RegExp(`\\s*<${name}><id>${NAME}</id>.*?</${name}>`, 's')
  const served = setElement(text, { root: 'settings', parent: 'servers', mark: mark('server'), element: server })
  return setElement(served, { root: 'settings', parent: 'mirrors', mark: mark('mirror'), element: mirror })
}

function nugetChanges({ endpoint, token }: ToolLogin): readonly FileChange[] {
  return [{ file: nugetFile, change: (text) => setNugetCredentials(setNugetSource(text, endpoint), token) }]
}

/** By host, without port. Source: Bundler's `bundle config`: `.` is written `__`, `-` is written `___`. */
export function bundlerKey({ endpoint }: Pick<Login, 'endpoint'>): string {
  return `BUNDLE_${endpoint.hostname.replaceAll('-', '___').replaceAll('.', '__').toUpperCase()}`
}

/** In blocks and on one line each: Bundler and RubyGems read no more of YAML than that. */
function changeYaml(text: string, path: readonly string[], value: unknown): string {
  // Two of the tools need it, and no other command: it is a twentieth of what starting the server costs.
  const { Document, parseDocument } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
  const document = text.trim() === '' ? new Document({}) : parseDocument(text)
  document.setIn([...path], value)
  return document.toString({ lineWidth: 0 })
}

function cargoChange(login: ToolLogin): FileChange {
  return { file: '.cargo/config.toml', change: (text) => setBlock(text, '#', cargoBlock(login)) }
}

function cargoBlock({ endpoint, helper }: ToolLogin): string {
  const provider = ['cargo:token-from-stdout', ...helper('token')].map((word) => JSON.stringify(word)).join(', ')
  return `[registries.${NAME}]
index = "sparse+${endpoint.href}"
credential-provider = [${provider}]

[source.crates-io]
replace-with = "${NAME}"
`
}

function changeSwift(text: string, endpoint: URL): string {
  const standing = (text === '' ? {} : JSON.parse(text)) as Record<string, Record<string, unknown>>
  const registries = { ...standing['registries'], '[default]': { url: endpoint.href, supportsAvailability: false } }
  const authentication = { ...standing['authentication'], [endpoint.host]: { type: 'token', loginAPIPath: '/login' } }
  return `${JSON.stringify({ ...standing, registries, authentication, version: 1 }, undefined, 2)}\n`
}

function changeNetrc(text: string, { hostname }: URL, token: string): string {
  const kept = text.split('\n').filter((line) => !line.startsWith(`machine ${hostname} `))
  const body = kept.join('\n').trimEnd()
  return `${body === '' ? '' : `${body}\n`}machine ${hostname} login token password ${token}\n`
}
