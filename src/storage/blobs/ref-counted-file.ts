import { close, fstat, fsync, open, read, writev } from 'node:fs'
import { promisify } from 'node:util'

const openFile = promisify(open)
const closeFile = promisify(close)
const syncFile = promisify(fsync)
const statFile = promisify(fstat)

/** An open file that is closed when the last of its holders lets go. All reads and writes name their position. */
export class RefCountedFile {
  readonly fd: number
  #holders = 1

  private constructor(fd: number) {
    this.fd = fd
  }

  /** The caller is the first holder. Only the owner may read what is made. */
  static async open(file: string, flags: 'r' | 'wx+'): Promise<RefCountedFile> {
    return new RefCountedFile(await openFile(file, flags, 0o600))
  }

  hold(): void {
    if (this.#holders === 0) throw new Error('the file is closed already')
    this.#holders += 1
  }

  async release(): Promise<void> {
    this.#holders -= 1
    if (this.#holders === 0) await closeFile(this.fd)
  }

  /** Bytes read; 0 at the end of the file. */
  async read(into: Buffer, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.fd, into, offset, into.length - offset, position, (error, bytes) => {
        if (error === null) resolve(bytes)
        else reject(error)
      })
    })
  }

  /** Writes all of it, in as many steps as the system takes. */
  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    let rest = buffers
    let at = position
    while (rest.length > 0) {
      const written = await this.#writeSome(rest, at)
      at += written
      rest = without(rest, written)
    }
  }

  async size(): Promise<number> {
    return (await statFile(this.fd)).size
  }

  async sync(): Promise<void> {
    await syncFile(this.fd)
  }

  async #writeSome(buffers: readonly Buffer[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      writev(this.fd, buffers, position, (error, bytes) => {
        if (error === null) resolve(bytes)
        else reject(error)
      })
    })
  }
}

/** What is left of the buffers when so many bytes of them are done. */
function without(buffers: readonly Buffer[], doneBytes: number): Buffer[] {
  const rest: Buffer[] = []
  let skip = doneBytes
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(skip === 0 ? buffer : buffer.subarray(skip))
    skip = Math.max(0, skip - buffer.length)
  }
  return rest
}
