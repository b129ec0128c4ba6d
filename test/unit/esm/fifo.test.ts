import fc from 'fast-check';
import { Fifo } from '../../../local/esm/fifo.ts';

test('a queue gives back what was put in, in order, however puts and takes are mixed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 30 }), (runs) => {
      const queue = new Fifo<number>();
      const model: number[] = [];
      let next = 0;
      for (const run of runs) {
        for (let index = 0; index < Math.abs(run); index += 1) {
          if (run > 0) {
            queue.push(next);
            model.push(next);
            next += 1;
          } else {
            expect(queue.peek()).toBe(model[0]);
            expect(queue.shift()).toBe(model.shift());
          }
        }
        expect(queue.length).toBe(model.length);
      }
    }),
  );
});
