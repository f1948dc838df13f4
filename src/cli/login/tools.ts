import { createRequire } from 'node:module'
import type { Login } from './aws-client.ts'
import { setBlock, setElement, setInSection, setLine } from './edits.ts'

export const loginTools = [
  'npm',
  'pip',
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

/** A file that a package manager reads, and what becomes of its text. */
export interface FileChange {
  /** Below the home folder. */
  readonly file: string
  change(text: string): string
}

export interface ToolLogin extends Login {
  /** The command that prints a fresh token, for tools that ask for one. */
  readonly renewal: readonly string[]
}

interface Tool {
  readonly format: string
  changes(login: ToolLogin): readonly FileChange[]
  /** What the person has to do besides. */
  readonly advice?: (login: ToolLogin) => string
}

/** The name under which the repository stands in configuration files that want one. */
const NAME = 'packyard'

const withoutScheme = ({ endpoint }: Login): string => endpoint.href.replace(/^https?:/, '')
const withToken = ({ endpoint, token }: Login): string => endpoint.href.replace('://', `://aws:${token}@`)

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
    changes: (login) => [{ file: '.gradle/init.d/packyard.gradle', change: () => gradleScript(login) }],
  },
  nuget: { format: 'nuget', changes: nugetChanges },
  dotnet: { format: 'nuget', changes: nugetChanges },
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
    changes: (login) => [{ file: '.cargo/config.toml', change: (text) => setBlock(text, '#', cargoBlock(login)) }],
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
  const key = `${withoutScheme(login)}:_authToken`
  return setLine(setLine(text, 'registry', `registry=${login.endpoint.href}`), key, `${key}=${login.token}`)
}

function changeMaven(text: string, { endpoint, token }: Login): string {
  const server = `<server><id>${NAME}</id><username>aws</username><password>${token}</password></server>`
  const mirror = `<mirror><id>${NAME}</id><mirrorOf>*</mirrorOf><url>${escapeXml(endpoint.href)}</url></mirror>`
  const mark = (name: string) => new RegExp(`\\s*<${name}><id>${NAME}</id>.*?</${name}>`, 's')
  const served = setElement(text, { root: 'settings', parent: 'servers', mark: mark('server'), element: server })
  return setElement(served, { root: 'settings', parent: 'mirrors', mark: mark('mirror'), element: mirror })
}

function gradleScript({ endpoint, token }: Login): string {
  const insecure = endpoint.protocol === 'http:' ? '\n      allowInsecureProtocol = true' : ''
  return `// Written by packyard login; it is written anew each time.
allprojects {
  repositories {
    maven {
      name = '${NAME}'
      url = '${endpoint.href}'${insecure}
      credentials {
        username = 'aws'
        password = '${token}'
      }
    }
  }
}
`
}

function nugetChanges({ endpoint, token }: ToolLogin): readonly FileChange[] {
  const insecure = endpoint.protocol === 'http:' ? ' allowInsecureConnections="true"' : ''
  const source = `<add key="${NAME}" value="${escapeXml(endpoint.href)}v3/index.json" protocolVersion="3"${insecure} />`
  const credentials = `<${NAME}><add key="Username" value="aws" /><add key="ClearTextPassword" value="${token}" /></${NAME}>`
  const markSource = new RegExp(`\\s*<add key="${NAME}"[^>]*/>`)
  const markCredentials = new RegExp(`\\s*<${NAME}>.*?</${NAME}>`, 's')
  return [
    {
      file: '.nuget/NuGet/NuGet.Config',
      change(text) {
        const root = 'configuration'
        const sourced = setElement(text, { root, parent: 'packageSources', mark: markSource, element: source })
        return setElement(sourced, {
          root,
          parent: 'packageSourceCredentials',
          mark: markCredentials,
          element: credentials,
        })
      },
    },
  ]
}

/** By host, without port. Source: Bundler's `bundle config`: `.` is written `__`, `-` is written `___`. */
function bundlerKey({ endpoint }: Login): string {
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

function cargoBlock({ endpoint, renewal }: ToolLogin): string {
  const provider = ['cargo:token-from-stdout', ...renewal].map((word) => JSON.stringify(word)).join(', ')
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

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
