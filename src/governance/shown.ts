import type { PackageName } from '../registry/names.ts'

/** A package in the words of CodeArtifact's events. */
export function shownPackage({ format, namespace, name }: PackageName) {
  return { packageFormat: format, packageNamespace: namespace === '' ? null : namespace, packageName: name }
}
