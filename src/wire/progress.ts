/** One line that grows, for a person who waits. */
export function createCounter(
  writeError: (text: string) => void,
  all: number,
): (reached: { readonly checkedBlobs: number }) => void {
  return ({ checkedBlobs }) => {
    const percent = all === 0 ? 100 : Math.floor((100 * checkedBlobs) / all)
    writeError(`\r${checkedBlobs} of ${all} blobs, ${percent} %${checkedBlobs >= all ? '\n' : ''}`)
  }
}
