import { HttpError } from '../../http/call.ts'
import { RegistryError, invalid, refused } from '../../registry/errors.ts'
import type { PackageName } from '../../registry/names.ts'
import { fieldOf } from './core-metadata.ts'
import { isSafeFilename, isWheelName, parseFilename } from './filenames.ts'
import { fieldOnce, type FormFields, type UploadedFile } from './form.ts'
import { parsePackage } from './names.ts'
import { parseAttestations } from './provenance.ts'
import type { Release } from './release.ts'
import { canonicalVersion, isSameVersion } from './versions.ts'

/** What a form says of its file, checked as far as the form goes. */
export interface Announcement {
  readonly name: PackageName
  readonly version: string
  readonly filename: string
  readonly file: UploadedFile
  /** Lower-case hexadecimal, those that were sent: sha256, md5, blake2_256. */
  readonly digests: Readonly<Record<string, string>>
  readonly attestations: readonly unknown[] | undefined
  /** What the form says and an old sdist does not: before metadata 2.2 its own dependencies were a guess. */
  oldFields(fields: Release['fields']): Release['fields']
}

/** Source: PyPA specification, "Core metadata"; 2.0 was never agreed on, and is out there. */
const metadataVersions = new Set(['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5', '2.6'])

/** Suffixes by `filetype`. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  bdist_wheel: ['.whl'],
  sdist: ['.tar.gz', '.zip'],
}

/** Digits of each digest that a form may carry. */
const digestLengths = { sha256: 64, md5: 32, blake2_256: 64 } as const

/** Form fields that stand in for an old sdist's own, and what the core metadata calls them. */
const replacedFields = [
  ['requires_dist', 'requires-dist'],
  ['requires_python', 'requires-python'],
  ['provides_extra', 'provides-extra'],
] as const

/** Throws `invalid`, in the order in which the public index would. */
export function readAnnouncement(fields: FormFields, file: UploadedFile | undefined): Announcement {
  checkProtocol(fields)
  const name = parsePackage(required(fields, 'name'))
  const version = parseNewVersion(required(fields, 'version'))
  const metadataVersion = required(fields, 'metadata_version')
  if (!metadataVersions.has(metadataVersion)) {
    throw invalid('metadata_version', metadataVersion, `must be one of ${[...metadataVersions].join(', ')}`)
  }
  if (!file) throw refused('the form must hold the file as a part called content, with its file name')
  checkFilename(required(fields, 'filetype'), file, { name, version })
  return {
    name,
    version,
    filename: file.filename,
    file,
    digests: readDigests(fields),
    attestations: parseAttestations(fieldOnce(fields, 'attestations')),
    oldFields: (own) => oldFields(fields, own),
  }
}

function checkProtocol(fields: FormFields): void {
  const action = required(fields, ':action')
  if (action !== 'file_upload') throw goneAction(action)
  const protocol = fieldOnce(fields, 'protocol_version')
  if (protocol !== undefined && protocol !== '1') throw invalid('protocol_version', protocol, 'must be 1')
}

/** Registering a project, uploading its documentation: all of it ended with the first index. */
export function goneAction(action: string): HttpError {
  return new HttpError(410, `':action' '${action.slice(0, 50)}' is not served; only file_upload is`)
}

function required(fields: FormFields, name: string): string {
  const value = fieldOnce(fields, name)
  if (value !== undefined) return value
  throw new RegistryError('invalid', `required metadata is missing: form field ${name}`, {
    reason: 'FIELD_VALIDATION_FAILED',
  })
}

/** As it is spelt; what another spelling of it is called already is found out later. */
function parseNewVersion(text: string): string {
  if (canonicalVersion(text) !== undefined && /^[^#/\\\s\p{C}]+$/u.test(text)) return text
  throw invalid('version', text, 'must be a version by PEP 440, as 1.0, 2.1rc1 or 1.0+local.1')
}

function checkFilename(
  filetype: string,
  { filename, contentType }: UploadedFile,
  { name, version }: { readonly name: PackageName; readonly version: string },
): void {
  if (!isSafeFilename(filename)) {
    throw invalid('filename', filename, 'must be 1 to 255 bytes without "/", "\\" or control characters')
  }
  const known = Object.hasOwn(suffixes, filetype) ? suffixes[filetype] : undefined
  if (!known) throw invalid('filetype', filetype, 'must be bdist_wheel or sdist')
  if (!known.some((suffix) => filename.endsWith(suffix))) {
    throw invalid('filename', filename, `must end in ${known.join(' or ')}, as its filetype is ${filetype}`)
  }
  if (contentType.startsWith('image/')) throw new HttpError(400, 'the file is sent as an image')
  const read = parseFilename(filename, name.name)
  const isWheelShaped = filetype !== 'bdist_wheel' || isWheelName(filename)
  if (!read || !isWheelShaped || !isSameVersion(read.version, version)) {
    const form =
      filetype === 'sdist' ? '{name}-{version}.tar.gz' : '{name}-{version}(-{build})-{python}-{abi}-{platform}.whl'
    throw invalid('filename', filename, `must have the form ${form} for ${name.name} ${version}`)
  }
}

function readDigests(fields: FormFields): Record<string, string> {
  const digests: Record<string, string> = {}
  for (const [algorithm, length] of Object.entries(digestLengths)) {
    const declared = fieldOnce(fields, `${algorithm}_digest`)?.toLowerCase()
    if (declared === undefined) continue
    if (declared.length !== length || !/^[0-9a-f]+$/.test(declared)) {
      throw invalid(`${algorithm}_digest`, declared, `must be ${length} hexadecimal digits`)
    }
    digests[algorithm] = declared
  }
  if (Object.keys(digests).length > 0) return digests
  throw refused('required metadata is missing: one of sha256_digest, blake2_256_digest and md5_digest')
}

function oldFields(form: FormFields, own: Release['fields']): Release['fields'] {
  const [major = 1, minor = 0] = (fieldOf({ fields: own }, 'metadata-version') ?? '').split('.').map(Number)
  if (major > 2 || (major === 2 && minor >= 2)) return {}
  return Object.fromEntries(
    replacedFields.flatMap(([field, name]) => {
      const values = form.get(field)
      return values && !own[name] ? [[name, values]] : []
    }),
  )
}
