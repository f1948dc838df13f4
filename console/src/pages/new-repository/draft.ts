/** A repository as it is going to be made. */
export interface RepositoryDraft {
  readonly name: string
  readonly description: string
  /** Names of external connections. */
  readonly registries: readonly string[]
  /** Names of repositories. */
  readonly upstreams: readonly string[]
}

export const emptyDraft: RepositoryDraft = { name: '', description: '', registries: [], upstreams: [] }

export interface StepProps {
  readonly draft: RepositoryDraft
  readonly onChange: (changes: Partial<RepositoryDraft>) => void
}

/**
 * The repository that fetches from a public registry for others: `npm-store` for `public:npmjs`. Source: CodeArtifact User
 * Guide, "Create a repository": the names that the service's own wizard gives.
 */
export function storeOf(connection: string): string {
  return stores[connection] ?? `${connection.replace(/^public:/, '')}-store`
}

const stores: Readonly<Record<string, string>> = {
  'public:npmjs': 'npm-store',
  'public:pypi': 'pypi-store',
  'public:maven-central': 'maven-central-store',
  'public:maven-googleandroid': 'google-android-store',
  'public:maven-gradleplugins': 'gradle-plugins-store',
  'public:maven-commonsware': 'commonsware-store',
  'public:maven-clojars': 'clojars-store',
  'public:nuget-org': 'nuget-store',
  'public:ruby-gems-org': 'rubygems-store',
  'public:crates-io': 'crates-store',
}
