/** Lets one of many callers, in any process of this installation, do a thing at a time. */
export interface Locks {
  /**
   * Runs `task` while no other holder of the same key runs theirs; waits for its turn. The lock is freed when the task
   * ends, or when its process dies. Waiters must look again whether there is anything left to do.
   */
  exclusively<T>(key: string, task: () => Promise<T>): Promise<T>
  close(): Promise<void>
}
