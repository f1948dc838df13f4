import { openPostgres } from './postgres/open.ts'
import { openSqlite } from './sqlite/open.ts'

/** Brings one database up to date and says before and after. The test kills it somewhere in between. */
const [place = ''] = process.argv.slice(2)
process.stdout.write('begins\n')
const metadata = await (place.startsWith('postgres:') ? openPostgres({ url: place }) : openSqlite({ file: place }))
await metadata.close()
process.stdout.write('done\n')
