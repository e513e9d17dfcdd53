// Drawing in small pieces, so that the page answers in between: what was asked for last is done first, for it is what people look at.

type Owner = string | object;
type Job = () => void | Promise<void>;

/** Milliseconds of work before the page has its turn. */
const SLICE = 10;

/** Jobs by their owner, the latest on top. One that an owner wants instead keeps its place. */
class Stack {
  private readonly jobs = new Map<Owner, Job>();
  private readonly order: Owner[] = [];

  push(owner: Owner, job: Job): void {
    if (!this.jobs.has(owner)) {
      this.order.push(owner);
    }
    this.jobs.set(owner, job);
  }

  pop(): Job | undefined {
    for (let owner = this.order.pop(); owner !== undefined; owner = this.order.pop()) {
      const job = this.jobs.get(owner);
      if (job !== undefined) {
        this.jobs.delete(owner);
        return job;
      }
    }
    return undefined;
  }

  drop(owner: Owner): void {
    this.jobs.delete(owner);
  }
}

export class Work {
  private readonly soon = new Stack();
  private readonly later = new Stack();
  private isRunning = false;

  /** Do `job` soon. */
  add(owner: Owner, job: Job): void {
    this.soon.push(owner, job);
    this.start();
  }

  /** Do `job` when nothing else waits. */
  addLater(owner: Owner, job: Job): void {
    this.later.push(owner, job);
    this.start();
  }

  /** Forget what this owner wanted. */
  drop(owner: Owner): void {
    this.soon.drop(owner);
    this.later.drop(owner);
  }

  private start(): void {
    if (!this.isRunning) {
      this.isRunning = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    await pause();
    let until = performance.now() + SLICE;
    for (let job = this.soon.pop() ?? this.later.pop(); job; job = this.soon.pop() ?? this.later.pop()) {
      const isPaused = await finished(job);
      if (!isPaused && performance.now() > until) {
        await pause();
      } else if (!isPaused) {
        continue;
      }
      until = performance.now() + SLICE;
    }
    this.isRunning = false;
  }
}

/** Let the page do what waits; true, for whoever wants to know. */
function pause(): Promise<true> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(true));
  });
}

/** Do a job, and say whether the page had its turn: a job that waits for something, such as code to be loaded, holds up no other. */
async function finished(job: Job): Promise<boolean> {
  try {
    const result = job();
    return result !== undefined && (await Promise.race([result.then(() => false), pause()]));
  } catch (error) {
    console.error(error);
    return false;
  }
}

/** The drawing of all chats on the page. */
export const drawing = new Work();
