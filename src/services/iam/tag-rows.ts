import { type EntityKind, requireEntity } from '../../access/iam/entities.ts'
import { listTags, putTags, removeTags } from '../../access/iam/tags.ts'
import { pageMembers } from './input.ts'
import { type IamRow, named } from './row.ts'
import { tagMembers } from './shapes.ts'

/** Tagging users and roles is the same, but for the names. */
export const tagRows: Readonly<Record<string, IamRow>> = { ...rowsOf('User', 'user'), ...rowsOf('Role', 'role') }

function rowsOf(title: 'User' | 'Role', kind: EntityKind): Record<string, IamRow> {
  const parameter = `${title}Name`
  const resource = named(kind, parameter)
  return {
    [`Tag${title}`]: {
      effect: 'changes',
      resource,
      async run({ iam, account, input }) {
        await iam.metadata.write(async (write) => {
          const { id } = await requireEntity(iam, write.tx, kind, account, input.name(parameter))
          await putTags(write, id, input.tags())
        })
        return undefined
      },
    },
    [`Untag${title}`]: {
      effect: 'changes',
      resource,
      async run({ iam, account, input }) {
        await iam.metadata.write(async (write) => {
          const { id } = await requireEntity(iam, write.tx, kind, account, input.name(parameter))
          await removeTags(write, id, input.texts('TagKeys'))
        })
        return undefined
      },
    },
    [`List${title}Tags`]: {
      effect: 'reads',
      resource,
      async run({ iam, account, input }) {
        const { db } = iam.metadata
        const { id } = await requireEntity(iam, db, kind, account, input.name(parameter))
        return { Tags: tagMembers(await listTags(db, id)), ...pageMembers(undefined) }
      },
    },
  }
}
