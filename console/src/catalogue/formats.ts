/** A package format, as a person calls it, and the public registries that a repository can be connected to. */
export interface FormatInfo {
  readonly id: string
  readonly label: string
  /** Names of external connections. Source: CodeArtifact User Guide, "Supported external connection repositories". */
  readonly connections: readonly string[]
}

/** In the order of the real service's lists. */
export const formats: readonly FormatInfo[] = [
  { id: 'npm', label: 'npm', connections: ['public:npmjs'] },
  { id: 'pypi', label: 'PyPI', connections: ['public:pypi'] },
  {
    id: 'maven',
    label: 'Maven',
    connections: [
      'public:maven-central',
      'public:maven-googleandroid',
      'public:maven-gradleplugins',
      'public:maven-commonsware',
      'public:maven-clojars',
    ],
  },
  { id: 'nuget', label: 'NuGet', connections: ['public:nuget-org'] },
  { id: 'ruby', label: 'Ruby', connections: ['public:ruby-gems-org'] },
  { id: 'cargo', label: 'Cargo', connections: ['public:crates-io'] },
  { id: 'swift', label: 'Swift', connections: [] },
  { id: 'generic', label: 'Generic', connections: [] },
]
