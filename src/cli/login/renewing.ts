import { setElement, setInSection, setLine } from './edits.ts'
import { shimFolder, shimProgram, shimProject } from './nuget-shim.ts'
import { escapeXml, type FileChange, NAME, type Renewing, type ToolLogin } from './tool.ts'

const keyringFile = '.local/bin/keyring'
const keyringMark = '# Written by packyard login: answers pip and uv for addresses of Packyard, and leaves the rest to'

/** pip runs `keyring get ADDRESS USER`. Source: pip's User Guide, "Authentication", on `keyring-provider`. */
export function renewPip(login: ToolLogin): Renewing {
  const settings = { 'index-url': `${withUser(login)}simple/`, 'keyring-provider': 'subprocess' }
  const file = { file: '.config/pip/pip.conf', change: (text: string) => setInSection(text, 'global', settings) }
  return { files: [file, keyring(login)], advice: keyringAdvice('pip 23.1 or newer') }
}

/** uv runs the same command. Source: uv's documentation, "Third-party services" and `keyring-provider`. */
export function renewUv(login: ToolLogin): Renewing {
  const block = uvIndex(`${withUser(login)}simple/`)
  const provider = 'keyring-provider'
  const change = (text: string) => {
    // A key of no table has to stand before the first one.
    const rest = setLine(text, provider, '').trim()
    return setUvIndex(`${provider} = "subprocess"\n${rest}`, block)
  }
  return { files: [{ file: '.config/uv/uv.toml', change }, keyring(login)], advice: keyringAdvice('uv') }
}

export function uvIndex(url: string): string {
  return `[[index]]\nname = "${NAME}"\nurl = "${url}"\ndefault = true`
}

/** In place of the one that a log-in wrote before; `[[index]]` of other names stay. */
export function setUvIndex(text: string, block: string): string {
  const mark = new RegExp(`\\n*\\[\\[index\\]\\]\\nname = "${NAME}"\\nurl = "[^"]*"\\ndefault = true\\n?`)
  const kept = text.replace(mark, '\n').trim()
  return `${kept === '' ? '' : `${kept}\n\n`}${block}\n`
}

function withUser({ endpoint }: ToolLogin): string {
  return endpoint.href.replace('://', '://aws@')
}

function keyring({ helper }: ToolLogin): FileChange {
  const command = helper('keyring').map(quote).join(' ')
  const script = `#!/bin/sh\n${keyringMark}\n# the next keyring on the PATH.\nexec ${command} --self "$0" -- "$@"\n`
  return {
    file: keyringFile,
    kind: 'program',
    change(text) {
      if (text === '' || text.includes(keyringMark)) return script
      throw new TypeError('it is another keyring; move it to a folder that is later on the PATH')
    },
  }
}

function keyringAdvice(tool: string): string {
  return `${tool} asks for a token itself from now on, by ~/${keyringFile}: that folder has to be on the PATH.`
}

/** The script runs whenever Gradle starts, and so does the command in it. */
export function gradleScript({ endpoint }: Pick<ToolLogin, 'endpoint'>, password: string): string {
  // Gradle before 6 neither knows the property nor asks for it.
  const property = 'allowInsecureProtocol'
  const insecure =
    endpoint.protocol === 'http:' ? `\n      if (it.hasProperty('${property}')) it.${property} = true` : ''
  return `// Written by packyard login; it is written anew each time.
def secret = ${password}
allprojects {
  repositories {
    maven {
      name = '${NAME}'
      url = '${endpoint.href}'${insecure}
      credentials {
        username = 'aws'
        password = secret
      }
    }
  }
}
`
}

export const gradleFile = '.gradle/init.d/packyard.gradle'

export function renewGradle(login: ToolLogin): Renewing {
  const words = login.helper('token').map((word) => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
  const script = gradleScript(login, `[${words.join(', ')}].execute().text.trim()`)
  return {
    files: [{ file: gradleFile, change: () => script }],
    advice: 'Gradle asks for a token itself from now on, each time it starts.',
  }
}

/** Source: NuGet's documentation, "NuGet cross platform plugins": it looks for them in this folder by itself. */
export function renewNuget(login: ToolLogin): Renewing {
  const source = `.nuget/${NAME}-plugin`
  const [project, program] = [`${source}/${NAME}.csproj`, `${source}/Program.cs`]
  return {
    files: [
      { file: nugetFile, change: (text) => setNugetSource(withoutNugetCredentials(text), login.endpoint) },
      { file: project, change: () => shimProject },
      { file: program, change: () => shimProgram },
      { file: `${shimFolder}/command`, change: () => `${login.helper('nuget').join('\n')}\n` },
    ],
    build: {
      program: 'dotnet',
      words: ['build', '--configuration', 'Release', '--nologo', '--verbosity', 'quiet', '--output'],
      paths: [shimFolder, project],
    },
    advice: 'dotnet asks for a token itself from now on.',
  }
}

export const nugetFile = '.nuget/NuGet/NuGet.Config'
const markCredentials = new RegExp(`\\s*<${NAME}>.*?</${NAME}>`, 's')

export function setNugetSource(text: string, endpoint: URL): string {
  const insecure = endpoint.protocol === 'http:' ? ' allowInsecureConnections="true"' : ''
  const element = `<add key="${NAME}" value="${escapeXml(endpoint.href)}v3/index.json" protocolVersion="3"${insecure} />`
  const mark = new RegExp(`\\s*<add key="${NAME}"[^>]*/>`)
  return setElement(text, { root: 'configuration', parent: 'packageSources', mark, element })
}

export function setNugetCredentials(text: string, token: string): string {
  const element = `<${NAME}><add key="Username" value="aws" /><add key="ClearTextPassword" value="${token}" /></${NAME}>`
  const parent = 'packageSourceCredentials'
  return setElement(text, { root: 'configuration', parent, mark: markCredentials, element })
}

/** NuGet asks nobody for what stands in its settings. */
function withoutNugetCredentials(text: string): string {
  return text.replace(markCredentials, '')
}

/** In single quotes nothing means anything to a POSIX shell, but the quote itself. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
