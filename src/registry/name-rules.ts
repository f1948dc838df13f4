import { RegistryError, refused } from './errors.ts'
import { type FormatId, type NameRules, type PackageName, parsePackageText } from './names.ts'
import type { RegistryParts } from './parts.ts'

type ServedFormats = Pick<RegistryParts, 'formats'>
type InputRules = Pick<NameRules, 'namespace' | 'fromInput' | 'parseVersion'>

/** How the inputs of an operation name packages of a format, whether or not this build serves it. */
function inputRules(parts: ServedFormats, format: FormatId): InputRules {
  return parts.formats.get(format)?.names ?? plainRules(format)
}

/**
 * The version as it would be stored. The service takes any text here; one that cannot be a version of the format is
 * kept as it is, and will not be found.
 */
export function versionFromInput(parts: ServedFormats, format: FormatId, text: string): string {
  const version = parsePackageText(text, 'version')
  try {
    return inputRules(parts, format).parseVersion(version)
  } catch (error) {
    if (error instanceof RegistryError) return version
    throw error
  }
}

/** The asset's name as it would be stored; one that cannot be is kept as it is, and will not be found. */
export function assetFromInput(parts: ServedFormats, format: FormatId, text: string): string {
  try {
    return parts.formats.get(format)?.names.parseAsset?.(text) ?? text
  } catch (error) {
    if (error instanceof RegistryError) return text
    throw error
  }
}

/** Source: CodeArtifact User Guide, per format: namespaces, and "name normalization" for Python, NuGet and Swift. */
const plainFormats: Readonly<Record<FormatId, { namespace: NameRules['namespace']; fold(text: string): string }>> = {
  npm: { namespace: 'optional', fold: asIs },
  pypi: { namespace: 'none', fold: (text) => text.toLowerCase().replace(/[-_.]+/g, '-') },
  maven: { namespace: 'required', fold: asIs },
  nuget: { namespace: 'none', fold: (text) => text.toLowerCase() },
  generic: { namespace: 'required', fold: asIs },
  ruby: { namespace: 'none', fold: asIs },
  swift: { namespace: 'required', fold: (text) => text.toLowerCase() },
  cargo: { namespace: 'none', fold: (text) => text.toLowerCase() },
}

/** How a format names packages, as far as it can be told of parts of names too. */
export function formatNaming(format: FormatId) {
  return plainFormats[format]
}

function plainRules(format: FormatId): InputRules {
  const { namespace, fold } = plainFormats[format]
  return {
    namespace,
    fromInput: (given, name) => ({
      format,
      namespace: given === undefined ? '' : fold(parsePackageText(given, 'namespace')),
      name: fold(parsePackageText(name, 'package')),
    }),
    parseVersion: asIs,
  }
}

/** Throws `invalid` on names that break the format's rules, and when a namespace is missing or too much. */
export function packageFromInput(
  parts: ServedFormats,
  format: FormatId,
  namespace: string | undefined,
  name: string,
): PackageName {
  const rules = inputRules(parts, format)
  if (rules.namespace === 'required' && namespace === undefined) {
    throw refused(`namespace is required for packages of format ${format}`)
  }
  if (rules.namespace === 'none' && namespace !== undefined) {
    throw refused(`namespace '${namespace}' must not be given: packages of format ${format} have none`)
  }
  return rules.fromInput(namespace, name)
}

function asIs(text: string): string {
  return text
}
