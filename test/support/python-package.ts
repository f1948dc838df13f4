import { createHash } from 'node:crypto'
import { packTarball } from './tarball.ts'
import { packZip } from './zip-archive.ts'

/** `tiny@1.3.0` for a wheel and nothing else, or more about it. */
export type PythonInput = string | PythonFields

export interface PythonFields {
  readonly name: string
  readonly version: string
  /** A wheel for any Python unless given. */
  readonly kind?: 'wheel' | 'sdist'
  /** Of a wheel. */
  readonly tags?: string
  /** Further lines of METADATA or PKG-INFO. */
  readonly metadata?: readonly string[]
  readonly description?: string
  /** Further files, by path. */
  readonly files?: Readonly<Record<string, string | Buffer>>
  /** Long ago unless given. */
  readonly uploadedAt?: string
  readonly yanked?: string | true
}

/** A distribution made in memory, as an index would hold it. */
export interface PythonFile {
  /** In normal form. */
  readonly project: string
  readonly version: string
  readonly filename: string
  readonly bytes: Buffer
  /** METADATA of a wheel. */
  readonly metadata: Buffer | undefined
  readonly requiresPython: string | undefined
  readonly uploadedAt: string
  readonly yanked: string | true | undefined
}

/** Importing the package and asking for `VERSION` gives its version, so that a test sees which one was installed. */
export function makePython(input: PythonInput): PythonFile {
  const fields = typeof input === 'string' ? parseSpec(input) : input
  const { version, uploadedAt = '2024-02-03T04:05:06.789012Z' } = fields
  const metadata = Buffer.from(metadataOf(fields))
  const isWheel = fields.kind !== 'sdist'
  const requires = fields.metadata?.find((line) => line.startsWith('Requires-Python: '))
  return {
    project: normalize(fields.name),
    version,
    ...(isWheel ? makeWheel(fields, metadata) : makeSdist(fields, metadata)),
    metadata: isWheel ? metadata : undefined,
    requiresPython: requires?.slice('Requires-Python: '.length),
    uploadedAt,
    yanked: fields.yanked,
  }
}

export function normalize(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The entries of a wheel, for tests that make them hostile. */
export function wheelEntries(fields: PythonFields, metadata: Buffer = Buffer.from(metadataOf(fields))) {
  const module = normalize(fields.name).replaceAll('-', '_')
  const info = `${module}-${fields.version}.dist-info`
  const tags = fields.tags ?? 'py3-none-any'
  const files = { [`${module}/__init__.py`]: `VERSION = '${fields.version}'\n`, ...fields.files }
  const wheel = `Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: ${tags}\n`
  const inside = { ...files, [`${info}/METADATA`]: metadata, [`${info}/WHEEL`]: wheel }
  const record = Object.entries(inside).map(([path, content]) => recordLine(path, Buffer.from(content)))
  const all = { ...inside, [`${info}/RECORD`]: [...record, `${info}/RECORD,,`, ''].join('\n') }
  return Object.entries(all).map(([path, content]) => ({ path, content }))
}

export function metadataOf({ name, version, metadata = [], description }: PythonFields): string {
  const lines = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, ...metadata]
  return `${lines.join('\n')}\n${description === undefined ? '' : `\n${description}`}`
}

function makeWheel(fields: PythonFields, metadata: Buffer) {
  const module = normalize(fields.name).replaceAll('-', '_')
  const filename = `${module}-${fields.version}-${fields.tags ?? 'py3-none-any'}.whl`
  return { filename, bytes: packZip(wheelEntries(fields, metadata)) }
}

function makeSdist(fields: PythonFields, metadata: Buffer) {
  const module = normalize(fields.name).replaceAll('-', '_')
  const root = `${module}-${fields.version}`
  const files = {
    'PKG-INFO': metadata,
    'setup.py': `from setuptools import setup\nsetup(name='${fields.name}', version='${fields.version}')\n`,
    ...fields.files,
  }
  const entries = Object.entries(files).map(([path, content]) => ({ path: `${root}/${path}`, content }))
  return { filename: `${root}.tar.gz`, bytes: packTarball(entries) }
}

function recordLine(path: string, content: Buffer): string {
  return `${path},sha256=${createHash('sha256').update(content).digest('base64url')},${content.length}`
}

function parseSpec(text: string): PythonFields {
  const at = text.lastIndexOf('@')
  return { name: text.slice(0, at), version: text.slice(at + 1) }
}
