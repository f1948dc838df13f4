import { posix } from 'node:path'
import { refused } from '../../registry/errors.ts'
import { openZip, type ZipArchive, type ZipRules } from '../zip.ts'
import type { ByteSource } from '../zip-reader.ts'
import { isZipLink } from '../zip-soundness.ts'
import { isManifestFile, type Manifest, MANIFEST_FILE, readManifest } from './manifest.ts'

/** Largest manifest, and largest readme that is shown. Unit: bytes. Ours. */
const MANIFEST_BYTES_MAX = 1024 * 1024
const README_BYTES_MAX = 1024 * 1024

/** Most manifests, and most links. Ours. */
const MANIFESTS_MAX = 50
const LINKS_MAX = 1000

/** Longest path that a link may hold. Unit: bytes. Source: PATH_MAX of Linux. */
const LINK_BYTES_MAX = 4096

/** A source archive, opened. */
export interface SourceArchive {
  /** The one folder that everything is in, which clients strip. */
  readonly root: string
  /** The files that lie directly in it. */
  readonly files: readonly string[]
  /** All that there are; the first is `Package.swift`. */
  manifests(): Promise<readonly Manifest[]>
  readme(): Promise<string | undefined>
}

/** Throws `invalid` on what is no archive of a package; by the strict rules, on whatever could harm who unpacks it. */
export async function openSourceArchive(source: ByteSource, rules: ZipRules): Promise<SourceArchive> {
  const zip = await openZip(source, rules, 'allowed')
  const paths = [...zip.entries.keys()]
  if (rules !== 'lenient') await checkPaths(zip, paths)
  const root = findRoot(paths)
  const files = paths.filter((path) => isDirectlyIn(root, path)).map((path) => path.slice(root.length + 1))
  if (!files.includes(MANIFEST_FILE)) throw refused(`the source archive has no ${MANIFEST_FILE} in its folder`)
  return {
    root,
    files,
    manifests: () => readManifests(zip, root, files),
    readme: () => readReadme(zip, root, files),
  }
}

function isDirectlyIn(root: string, path: string): boolean {
  return path.startsWith(`${root}/`) && path.length > root.length + 1 && !path.includes('/', root.length + 1)
}

function findRoot(paths: readonly string[]): string {
  const roots = new Set(paths.map((path) => path.split('/', 1)[0] ?? ''))
  const [root = '', second] = roots
  const isFolder = paths.some((path) => path.startsWith(`${root}/`))
  if (root !== '' && second === undefined && isFolder) return root
  throw refused('the source archive must hold exactly one folder, and everything in it')
}

/** As file systems see them that do not know case. */
async function checkPaths(zip: ZipArchive, paths: readonly string[]): Promise<void> {
  const seen = new Set<string>()
  for (const path of paths) {
    const folded = path.replace(/\/+$/, '').normalize('NFC').toLowerCase()
    if (seen.has(folded)) throw refused(`the source archive holds '${shown(path)}' twice, but for its case`)
    seen.add(folded)
    if (path.startsWith('/') || path.includes('\\') || /^[A-Za-z]:/.test(path)) {
      throw refused(`the source archive holds a path outside of itself: '${shown(path)}'`)
    }
  }
  await checkLinks(zip, seen)
}

/** A link must lead to something inside by a way without further links, and be nobody's folder. */
async function checkLinks(zip: ZipArchive, paths: ReadonlySet<string>): Promise<void> {
  const links = [...zip.entries.values()].filter(isZipLink)
  if (links.length > LINKS_MAX) throw refused(`the source archive holds more than ${LINKS_MAX} links`)
  const folded = new Set(links.map(({ fileName }) => fileName.toLowerCase()))
  const below = [...paths].find((path) => parentsOf(path).some((parent) => folded.has(parent)))
  if (below !== undefined) throw refused(`the source archive holds '${shown(below)}' below a link`)
  for (const { fileName } of links) {
    const target = (await zip.read(fileName, LINK_BYTES_MAX)).toString('utf8')
    if (!leadsInside(fileName, target, folded)) {
      throw refused(`the source archive holds a link that leads outside of it: '${shown(fileName)}'`)
    }
  }
}

function leadsInside(link: string, target: string, links: ReadonlySet<string>): boolean {
  if (target === '' || target.startsWith('/') || /[\\\0]/.test(target)) return false
  const [root = ''] = link.split('/', 1)
  let at = posix.dirname(link)
  for (const step of target.split('/')) {
    at = posix.join(at, step)
    if (at !== root && !at.startsWith(`${root}/`)) return false
    // Where it goes on from there would depend on that one.
    if (links.has(at.toLowerCase())) return false
  }
  return true
}

function parentsOf(path: string): string[] {
  const steps = path.split('/')
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join('/'))
}

async function readManifests(zip: ZipArchive, root: string, files: readonly string[]): Promise<readonly Manifest[]> {
  const others = files.filter((file) => file !== MANIFEST_FILE && isManifestFile(file)).sort()
  if (others.length >= MANIFESTS_MAX) throw refused(`the source archive holds more than ${MANIFESTS_MAX} manifests`)
  const manifests: Manifest[] = []
  for (const file of [MANIFEST_FILE, ...others]) {
    manifests.push(readManifest(file, await zip.read(`${root}/${file}`, MANIFEST_BYTES_MAX)))
  }
  return manifests
}

/** The one in Markdown, if there are several. */
async function readReadme(zip: ZipArchive, root: string, files: readonly string[]): Promise<string | undefined> {
  const found = files.filter((file) => /^readme(?:\.[a-z]{1,10})?$/i.test(file)).sort()
  const file = found.find((each) => /\.md$/i.test(each)) ?? found[0]
  const entry = zip.entries.get(`${root}/${file}`)
  if (!entry || isZipLink(entry) || entry.uncompressedSize > README_BYTES_MAX) return undefined
  return (await zip.read(entry.fileName, README_BYTES_MAX)).toString('utf8') || undefined
}

function shown(path: string): string {
  return path.length > 100 ? `${path.slice(0, 100)}…` : path
}
