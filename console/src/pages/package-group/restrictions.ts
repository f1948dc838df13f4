import type { GroupMode, GroupRestriction } from '../../api/codeartifact.ts'

export interface RestrictionText {
  readonly id: GroupRestriction
  readonly label: string
  readonly description: string
}

/** Source: CodeArtifact User Guide, "Package group origin controls". */
export const restrictionTexts: readonly RestrictionText[] = [
  { id: 'PUBLISH', label: 'Publish', description: 'Whether versions may be published to a repository.' },
  {
    id: 'EXTERNAL_UPSTREAM',
    label: 'From outside',
    description: 'Whether versions may come through an external connection.',
  },
  {
    id: 'INTERNAL_UPSTREAM',
    label: 'From upstream repositories',
    description: 'Whether versions may come from other repositories of the domain.',
  },
]

export const modeChoices: readonly { readonly value: GroupMode; readonly label: string }[] = [
  { value: 'INHERIT', label: 'As the parent group' },
  { value: 'ALLOW', label: 'Allow' },
  { value: 'ALLOW_SPECIFIC_REPOSITORIES', label: 'Allow in some repositories' },
  { value: 'BLOCK', label: 'Block' },
]
