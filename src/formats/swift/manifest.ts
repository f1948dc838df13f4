import { objectOf } from '../json.ts'
import type { ReleaseDependency } from './release.ts'

/** A manifest is Swift code, which nobody runs here: its name and its first line say for which tools it is. */

/** Three numbers. */
export type ToolsVersion = readonly [number, number, number]

export interface Manifest {
  /** `Package.swift`, `Package@swift-5.9.swift` */
  readonly file: string
  /** What the file's name says; undefined for the one that is for all others. */
  readonly nameVersion: ToolsVersion | undefined
  /** What its first line says. */
  readonly toolsVersion: ToolsVersion
  readonly bytes: Buffer
}

export const MANIFEST_FILE = 'Package.swift'

const versioned = /^Package@swift-(\d{1,4}(?:\.\d{1,4}){0,2})\.swift$/

/** Says whether a file in the root of a package is one of its manifests. */
export function isManifestFile(file: string): boolean {
  return file === MANIFEST_FILE || versioned.test(file)
}

export function readManifest(file: string, bytes: Buffer): Manifest {
  const nameVersion = parseToolsVersion(versioned.exec(file)?.[1] ?? '')
  return { file, nameVersion, toolsVersion: readToolsVersion(bytes), bytes }
}

/** How far into a manifest its tools version is looked for. Unit: bytes. Ours. */
const HEAD_BYTES = 1024

/** What SwiftPM takes a manifest for that does not say. Source: SE-0152. */
const ANCIENT: ToolsVersion = [3, 1, 0]

/** Source: SE-0152 and SE-0257: `// swift-tools-version:5.9`, with or without white space. */
function readToolsVersion(bytes: Buffer): ToolsVersion {
  const head = bytes.subarray(0, HEAD_BYTES).toString('utf8')
  const found = /^\s*\/\/\s*swift-tools-version\s*:\s*([\d.]+)/i.exec(head)
  return parseToolsVersion(found?.[1] ?? '') ?? ANCIENT
}

/** `6`, `5.9` and `5.9.0`: what is left out is 0. */
export function parseToolsVersion(text: string): ToolsVersion | undefined {
  const [, major, minor = '0', patch = '0'] = /^(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

/** At least two numbers: SwiftPM 6.0 knows no shorter form. */
export function showToolsVersion([major, minor, patch]: ToolsVersion): string {
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`
}

function isSameVersion(left: ToolsVersion | undefined, right: ToolsVersion): boolean {
  return left !== undefined && left.every((number, index) => number === right[index])
}

/** Those that are offered beside the first: what says two things would only fail in the client. */
export function alternatesOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(({ nameVersion, toolsVersion }) => isSameVersion(nameVersion, toolsVersion))
}

/** The one for these tools: by its name, else by what it says. Undefined where there is none but the first. */
export function manifestFor(manifests: readonly Manifest[], wanted: ToolsVersion): Manifest | undefined {
  const versions = manifests.filter(({ nameVersion }) => nameVersion !== undefined)
  const named = versions.find(({ nameVersion }) => isSameVersion(nameVersion, wanted))
  return named ?? versions.find(({ toolsVersion }) => isSameVersion(toolsVersion, wanted))
}

/** Most dependencies that are read, and longest requirement. Unit of the latter: characters. Ours. */
const DEPENDENCIES_MAX = 1000
const REQUIREMENT_LENGTH_MAX = 100

/** Text in quotes, which stays, or a comment, which goes; with or without their ends, so that no text is read twice. */
const tokens = /"(?:\\.|[^"\\\n])*"?|\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/|$)/g

const dependency =
  /\.package\(\s*(?:name\s*:\s*"[^"\n]{0,200}"\s*,\s*)?(?:(?<kind>id|url)\s*:\s*"(?<target>[^"\\\n]{1,500})")\s*(?:,(?<requirement>[^()]{0,200}(?:\([^()]{0,200}\))?))?/g

/** As far as text tells it: what code works out, or writes in another way, is not seen. */
export function readDependencies(manifest: Buffer): ReleaseDependency[] {
  const text = manifest.toString('utf8').replace(tokens, (token) => (token.startsWith('"') ? token : ' '))
  const found = [...text.matchAll(dependency)].slice(0, DEPENDENCIES_MAX)
  return found.flatMap(({ groups }): ReleaseDependency[] => {
    const { kind, target = '', requirement = '' } = objectOf(groups) as Record<string, string | undefined>
    const written = requirement.replace(/\s+/g, ' ').trim().slice(0, REQUIREMENT_LENGTH_MAX)
    if (kind === 'url') return [{ kind: 'sourceControl', target, requirement: written }]
    return /^[^.\s]+\.[^.\s]+$/.test(target) ? [{ kind: 'registry', target, requirement: written }] : []
  })
}
