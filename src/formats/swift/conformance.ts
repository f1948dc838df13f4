/** Plain data, for whoever checks that releases come through whole. */

/** A package that somebody could publish. */
export interface SamplePackage {
  readonly id: string
  readonly version: string
  /** By file name, in the root of the package. */
  readonly files: Readonly<Record<string, string>>
}

const sampleManifest =
  '// swift-tools-version:5.5\nimport PackageDescription\n\nlet package = Package(name: "Sample")\n'

export const samplePackages: readonly SamplePackage[] = [
  { id: 'mona.LinkedList', version: '1.0.0', files: { 'Package.swift': sampleManifest } },
  {
    id: 'My-Scope.my_package-2',
    version: '0.1.0-rc.1+build.5',
    files: {
      'Package.swift': sampleManifest,
      'Package@swift-5.9.swift': sampleManifest.replace('5.5', '5.9'),
      'Package@swift-6.swift': sampleManifest.replace(':5.5', ': 6.0'),
      'README.md': '# Case is kept',
      'LICENSE.txt': 'MIT',
    },
  },
]

/** Which manifest a client gets for its tools, of the second sample. */
export const manifestChoices: Readonly<Record<string, string | undefined>> = {
  '5.9': 'Package@swift-5.9.swift',
  '5.9.0': 'Package@swift-5.9.swift',
  '6': 'Package@swift-6.swift',
  '6.0': 'Package@swift-6.swift',
  '6.0.0': 'Package@swift-6.swift',
  '4.2': undefined,
  '6.1': undefined,
}

export const goodScopes: readonly string[] = ['a', 'mona', 'M-0-n-a', '9lives', 'x'.repeat(39)]
export const badScopes: readonly string[] = ['', '-a', 'a-', 'a--b', 'a_b', 'a.b', 'ünï', 'x'.repeat(40)]
export const goodNames: readonly string[] = ['a', 'LinkedList', 'a-b_c', '3D', 'x'.repeat(100)]
export const badNames: readonly string[] = ['', '_a', 'a_', 'a--b', 'a-_b', 'a.b', 'a b', '..', 'x'.repeat(101)]

/** Addresses of the same sources. */
export const sameSources: readonly string[] = [
  'https://github.example/mona/LinkedList',
  'https://github.example/mona/LinkedList.git',
  'http://github.example/Mona/linkedlist/',
  'ssh://git@github.example/mona/LinkedList.git',
  'git@github.example:mona/LinkedList.git',
  'https://user:secret@github.example/mona/LinkedList.git/',
]
