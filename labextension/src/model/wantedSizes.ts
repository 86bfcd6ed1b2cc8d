/**
 * Numbers of workers that a user has chosen step by step: several clicks make one request.
 */

/** Time after the last click until the request, ms. */
const DELAY_MS = 700;

/** The numbers of all clusters. */
export class WantedSizes {
  /**
   * `request` is called once with the number that was chosen last; the number is kept until it is settled. `onChange` is
   * called when a number is chosen or given up.
   */
  constructor(
    private readonly request: (clusterId: string, workers: number) => Promise<void>,
    private readonly onChange: () => void
  ) {}

  /** Return the number of a cluster; undefined = none is chosen. */
  of(clusterId: string): number | undefined {
    return this.wanted.get(clusterId)?.workers;
  }

  /** Choose a number. */
  choose(clusterId: string, workers: number): void {
    window.clearTimeout(this.wanted.get(clusterId)?.timer);
    const timer = window.setTimeout(() => void this.send(clusterId, workers), DELAY_MS);
    this.wanted.set(clusterId, { workers, timer });
    this.onChange();
  }

  /** Give up what is not requested yet. */
  dispose(): void {
    for (const { timer } of this.wanted.values()) {
      window.clearTimeout(timer);
    }
    this.wanted.clear();
  }

  private async send(clusterId: string, workers: number): Promise<void> {
    const sent = this.wanted.get(clusterId);
    await this.request(clusterId, workers);
    if (this.wanted.get(clusterId) === sent) {
      this.wanted.delete(clusterId);
      this.onChange();
    }
  }

  private readonly wanted = new Map<string, { workers: number; timer: number }>();
}
