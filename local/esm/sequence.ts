/**
 * Compares two Kinesis sequence numbers as the integers that they are: negative, zero or positive.
 * They differ in length and exceed 2^53, so neither text nor `number` will do; without leading zeros the longer one is the larger.
 */
export function compareSequenceNumbers(a: string, b: string): number {
  const left = withoutLeadingZeros(a);
  const right = withoutLeadingZeros(b);
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function withoutLeadingZeros(digits: string): string {
  return digits.startsWith('0') ? digits.replace(/^0+(?=\d)/, '') : digits;
}
