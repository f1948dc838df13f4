import Wizard from '@cloudscape-design/components/wizard'
import { useState } from 'react'
import type { InDomain } from '../../api/codeartifact.ts'
import { useAction } from '../../api/use-action.ts'
import { useNotices } from '../../frame/notices.tsx'
import type { PageProps } from '../../routes.ts'
import { navigate } from '../../routing/location.ts'
import { domainPath, repositoryPath } from '../../routing/paths.ts'
import { createWithRegistries } from './create-with-registries.ts'
import { emptyDraft, type RepositoryDraft } from './draft.ts'
import { NameStep } from './name-step.tsx'
import { RegistriesStep } from './registries-step.tsx'
import { ReviewStep } from './review-step.tsx'
import { UpstreamsStep } from './upstreams-step.tsx'

const i18nStrings = {
  stepNumberLabel: (number: number) => `Step ${number}`,
  collapsedStepsLabel: (number: number, count: number) => `Step ${number} of ${count}`,
  navigationAriaLabel: 'Steps',
  cancelButton: 'Cancel',
  previousButton: 'Previous',
  nextButton: 'Next',
  submitButton: 'Create repository',
  optional: 'optional',
}

/** Makes a repository, and beside it one for each public registry that it is to fetch from. */
export default function NewRepositoryPage({ params }: PageProps) {
  const place: InDomain = { domain: params.domain ?? '', domainOwner: params.owner ?? '' }
  const [draft, setDraft] = useState<RepositoryDraft>(emptyDraft)
  const [step, setStep] = useState(0)
  const notices = useNotices()
  const { isBusy, run } = useAction()
  const change = (changes: Partial<RepositoryDraft>) => setDraft({ ...draft, ...changes })
  const create = async () => {
    const isDone = await run('The repository was not created', (client) => createWithRegistries(client, place, draft))
    if (!isDone) return
    notices.succeed(`The repository ${draft.name} was created`)
    navigate(repositoryPath({ ...place, repository: draft.name }, 'instructions'))
  }
  return (
    <Wizard
      i18nStrings={i18nStrings}
      activeStepIndex={step}
      isLoadingNextStep={isBusy}
      onNavigate={({ detail }) => draft.name !== '' && setStep(detail.requestedStepIndex)}
      onCancel={() => navigate(domainPath(place))}
      onSubmit={() => void create()}
      steps={[
        { title: 'Name', content: <NameStep draft={draft} onChange={change} /> },
        {
          title: 'Public registries',
          isOptional: true,
          description: 'Packages of these registries come through this repository, and stay.',
          content: <RegistriesStep draft={draft} onChange={change} />,
        },
        {
          title: 'Upstream repositories',
          isOptional: true,
          description: 'Other repositories of the domain whose packages are to be seen here.',
          content: <UpstreamsStep place={place} draft={draft} onChange={change} />,
        },
        { title: 'Review', content: <ReviewStep draft={draft} /> },
      ]}
    />
  )
}
