import { invalid } from '../../registry/errors.ts'
import { type NameRules, type PackageName, parsePackageText } from '../../registry/names.ts'

/** Source: CodeArtifact User Guide, "Generic packages overview": names are compared as they are. */
export const genericNames: NameRules = {
  namespace: 'required',
  parsePackage,
  fromInput: (namespace = '', name) => packageOf(namespace, name),
  show: ({ namespace, name }) => `${namespace}/${name}`,
  parseVersion: (text) => parsePackageText(text, 'version'),
  parseAsset,
  // No version is higher than another: they are listed by when they were published.
  compareVersions: (left, right) => (left === right ? 0 : left < right ? -1 : 1),
}

/** `namespace/package` */
function parsePackage(text: string): PackageName {
  const [namespace = '', name, ...rest] = text.split('/')
  if (name !== undefined && rest.length === 0) return packageOf(namespace, name)
  throw invalid('package', text, 'must be namespace/package')
}

/** The two parts, as an address or an operation has them. */
export function packageOf(namespace: string, name: string): PackageName {
  return {
    format: 'generic',
    namespace: parsePackageText(namespace, 'namespace'),
    name: parsePackageText(name, 'package'),
  }
}

const RULE =
  'must be 1 to 255 letters, digits or ~ ! @ ^ & ( ) - _ ` + [ ] { } ; , . with single spaces inside, and not "." or ".."'

/** Words of the allowed characters with one space between them. Source: User Guide, "Generic packages overview". */
const assetName =
  /^[\p{Ll}\p{Lm}\p{Lo}\p{Lt}\p{Lu}\p{Nl}\p{Nd}~!@^&()\-_`+[\]{};,.]+(?: [\p{Ll}\p{Lm}\p{Lo}\p{Lt}\p{Lu}\p{Nl}\p{Nd}~!@^&()\-_`+[\]{};,.]+)*$/u

/** Composed (NFC), as file systems write the same name in different ways. Throws `invalid`. */
export function parseAsset(text: string): string {
  const composed = text.normalize('NFC')
  const isAllowed = assetName.test(composed) && composed !== '.' && composed !== '..'
  if (isAllowed && Array.from(composed).length <= ASSET_NAME_CHARACTERS_MAX) return composed
  throw invalid('asset', text, RULE)
}

/** Unit: characters. Source: CodeArtifact service model, `AssetName`. */
const ASSET_NAME_CHARACTERS_MAX = 255
