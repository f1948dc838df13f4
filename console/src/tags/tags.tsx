import Container from '@cloudscape-design/components/container'
import Header from '@cloudscape-design/components/header'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Table from '@cloudscape-design/components/table'
import { useState } from 'react'
import type { Tag } from '../api/codeartifact.ts'
import { useAction } from '../api/use-action.ts'
import { useResource } from '../api/use-resource.ts'
import { PermittedButton } from '../permissions/permitted-button.tsx'
import { Loaded } from '../widgets/loaded.tsx'
import { AddTag } from './add-tag.tsx'

/** The tags of a domain, repository or package group, which policies may speak of. */
export function Tags({ resourceArn }: { readonly resourceArn: string }) {
  const [isAdding, setAdding] = useState(false)
  const { isBusy, run } = useAction()
  const tags = useResource(`tags ${resourceArn}`, (client, signal) => {
    return client.codeartifact('ListTagsForResource', { resourceArn }, signal)
  })
  const remove = async ({ key }: Tag) => {
    await run('The tag was not removed', (client) => {
      return client.codeartifact('UntagResource', { resourceArn, tagKeys: [key] })
    })
    tags.reload()
  }
  return (
    <Loaded resource={tags} what="The tags">
      {({ tags: found }) => (
        <SpaceBetween size="m">
          <Table
            items={found}
            empty="No tags"
            header={
              <Header
                counter={`(${found.length})`}
                actions={
                  <PermittedButton
                    action="codeartifact:TagResource"
                    resource={resourceArn}
                    onClick={() => setAdding(true)}
                  >
                    Add tag
                  </PermittedButton>
                }
              >
                Tags
              </Header>
            }
            columnDefinitions={[
              { id: 'key', header: 'Key', isRowHeader: true, cell: ({ key }) => key },
              { id: 'value', header: 'Value', cell: ({ value }) => value },
              {
                id: 'remove',
                header: 'Remove',
                cell: (tag) => (
                  <PermittedButton
                    variant="inline-link"
                    action="codeartifact:UntagResource"
                    resource={resourceArn}
                    disabled={isBusy}
                    ariaLabel={`Remove tag ${tag.key}`}
                    onClick={() => void remove(tag)}
                  >
                    Remove
                  </PermittedButton>
                ),
              },
            ]}
          />
          {isAdding ? (
            <Container>
              <AddTag resourceArn={resourceArn} onAdded={tags.reload} onEnd={() => setAdding(false)} />
            </Container>
          ) : null}
        </SpaceBetween>
      )}
    </Loaded>
  )
}
