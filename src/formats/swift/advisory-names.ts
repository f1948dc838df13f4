import type { AdvisoryNames, AdvisorySubject } from '../../registry/advisories.ts'
import { invalid } from '../../registry/errors.ts'

/**
 * Advisories speak of a package by the address of its repository, and so do those who look for them: by the first address
 * that the version's metadata gives. Source: OSV schema, "SwiftURL".
 */
export const swiftAdvisories: AdvisoryNames = {
  ecosystem: 'SwiftURL',
  parse(text) {
    const subject = readAddress(text)
    if (subject) return subject
    throw invalid('package', text, "must be a repository's address, as https://github.com/acme/lib.git")
  },
  subjectOf: ({ sourceCodeRepository }) => readAddress(sourceCodeRepository ?? ''),
}

/** Host and path in lower case, without scheme, user and `.git`; also of `git@host:path`. */
function readAddress(text: string): AdvisorySubject | undefined {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^(?:[a-z][a-z+]*:\/\/)?(?:[^@/]*@)?/, '')
    .replace(/^([^/:]+):(?:\d+\/)?(?!\d+\/)/, '$1/')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  const [, namespace, name] = /^([a-z0-9.-]+(?:\/[^/\s]+)*)\/([^/\s]+)$/.exec(plain) ?? []
  return namespace === undefined || name === undefined ? undefined : { namespace, name }
}
