import type { types } from 'mediasoup';

/**
 * Counts what mediasoup itself holds, by its own reports of birth and death. Counting our own maps instead
 * would hide exactly the leak one is looking for: the thing that fell out of a map and was never closed.
 */
export class Census {
  transports = 0;
  producers = 0;
  consumers = 0;

  /** Counts everything that is ever made in this router. */
  watch(router: types.Router): void {
    router.observer.on('newtransport', (transport) => {
      this.transports += 1;
      transport.observer.once('close', () => (this.transports -= 1));
      transport.observer.on('newproducer', (producer) => {
        this.producers += 1;
        producer.observer.once('close', () => (this.producers -= 1));
      });
      transport.observer.on('newconsumer', (consumer) => {
        this.consumers += 1;
        consumer.observer.once('close', () => (this.consumers -= 1));
      });
    });
  }
}
