import { randomUUID } from 'node:crypto'

import { openPostgres } from './postgres/open.ts'
import { openSqlite } from './sqlite/open.ts'

// Writes pairs of rows for ever, and prints the first of each once it is acknowledged. Ended by the test.
const [kind, address = ''] = process.argv.slice(2)
const metadata = kind === 'sqlite' ? await openSqlite({ file: address }) : await openPostgres({ url: address })
for (;;) {
  const owner = randomUUID()
  await metadata.write(async ({ tx, touch }) => {
    await tx.insertInto('accounts').values({ id: owner, name: 'pair', created_at: 0 }).execute()
    await tx
      .insertInto('domains')
      .values({
        id: owner,
        owner,
        name: 'pair',
        encryption_key: '',
        asset_size_bytes: 0,
        repository_count: 0,
        created_at: 0,
      })
      .execute()
    touch(owner)
  })
  process.stdout.write(`${owner}\n`)
}
