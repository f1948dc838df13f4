import { diskBlobStore } from './disk.ts'

// Writes for ever, and says so once some of it is on the disk. Ended by the test.
const [directory = '', domainId = ''] = process.argv.slice(2)
const store = await diskBlobStore({ directory })
const staging = await store.stage(domainId)
const write = (): void => {
  staging.writable.write(Buffer.alloc(65_536), () => {
    if (staging.writtenBytes === 1_048_576) process.stdout.write('writing\n')
    setTimeout(write, 1)
  })
}
write()
