/** The time, and waiting, as deliveries know them; a test turns its own by hand. */
export interface DeliveryClock {
  nowMs(): number;
  /** Runs the task once, later. Returns the function that forgets it. */
  schedule(delayMs: number, task: () => void): () => void;
}

/** The clock of the machine. What is scheduled does not keep the process alive. */
export const systemDeliveryClock: DeliveryClock = {
  nowMs: Date.now,
  schedule(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
