import type { AlarmSpecs, ProcessorAlarmsProps } from '../processor-alarms.ts';
import { hoursLeft, iteratorAge, staleMinute, stalled } from '../processor-metrics.ts';

const MS_PER_MINUTE = 60_000;

/** How far behind the processor is. */
export function lag({ processor, thresholds }: ProcessorAlarmsProps): AlarmSpecs {
  const { systemName: name } = processor;
  const { iteratorAgeWarning, iteratorAgeCritical } = thresholds;
  return {
    IteratorAgeWarning: {
      metric: iteratorAge(processor),
      when: { above: iteratorAgeWarning * MS_PER_MINUTE },
      minutes: { breaching: 5, of: 5 },
      silence: 'healthy',
      meaning: `Rows of ${name} are more than ${iteratorAgeWarning} minutes behind what users do.`,
      first:
        'see on the dashboard whether one shard is blocked (BlockedKeys, Errors) or all are slow (more traffic, Throttles).',
    },
    IteratorAgeCritical: {
      metric: iteratorAge(processor),
      when: { above: iteratorAgeCritical * MS_PER_MINUTE },
      minutes: { breaching: 5, of: 5 },
      silence: 'unchanged',
      meaning: `Rows of ${name} are more than ${iteratorAgeCritical} minutes behind what users do; readers see stale state. Nothing is lost yet.`,
      first:
        "read the function's last error; if a deployment came before it, roll back; if a dependency is down, wait for it: the mapping retries without end.",
    },
  };
}

/** What ends in data loss, and what no other metric of a mapping that has stopped would tell. */
export function standstill({ processor, thresholds: { timeLeft } }: ProcessorAlarmsProps): AlarmSpecs {
  const { systemName: name } = processor;
  return {
    TimeLeft: {
      metric: hoursLeft(processor),
      when: { below: timeLeft },
      minutes: { breaching: 5, of: 5 },
      silence: 'unchanged',
      meaning: `In less than ${timeLeft} hours events that ${name} has not read begin to expire: they would be lost for good.`,
      first:
        "raise the stream's retention now (IncreaseStreamRetentionPeriod, up to 8,760 hours, at once and without risk), then repair the cause.",
    },
    Stalled: {
      metric: stalled(processor),
      when: { above: 0 },
      minutes: { breaching: 15, of: 15 },
      silence: 'healthy',
      meaning: `The stream of ${name} takes events, but its event source mapping has read none for 15 minutes; rows stand still.`,
      first:
        "look at the mapping's State and LastProcessingResult: it is disabled, or its role may not read the stream or use the key.",
    },
  };
}

/**
 * The error budget of a freshness objective is the share of minutes that may be staler. A burn rate is how many times
 * faster than allowed it goes: at 14.4 a budget of 30 days is gone in 50 hours, at 6 in 5 days (the pairs that Google's
 * "Site Reliability Workbook" recommends, chapter "Alerting on SLOs").
 */
const BURN_RATES = [
  { id: 'FreshnessBurnFast', rate: 14.4, windowMinutes: 60, gone: '50 hours' },
  { id: 'FreshnessBurnSlow', rate: 6, windowMinutes: 360, gone: '5 days' },
] as const;

/** Whether users get what was promised to them, over an hour and over six. */
export function freshness({ processor, objective }: ProcessorAlarmsProps): AlarmSpecs {
  if (objective === undefined) return {};
  const { systemName: name } = processor;
  const budget = 1 - objective.percent / 100;
  const specs = BURN_RATES.map(({ id, rate, windowMinutes, gone }) => {
    const breaching = Math.min(windowMinutes, Math.ceil(rate * budget * windowMinutes));
    return [
      id,
      {
        metric: staleMinute(processor, objective.seconds * 1000),
        when: { above: 0 },
        minutes: { breaching, of: windowMinutes },
        silence: 'healthy',
        meaning: `In ${breaching} of the last ${windowMinutes} minutes rows of ${name} were staler than ${objective.seconds} s; ${objective.percent} % of minutes must not be. At this pace a month's allowance is gone in ${gone}.`,
        first:
          'see on the dashboard whether freshness and iterator age rose together (the stream waits) or freshness alone (writes are slow or are tried again).',
      },
    ] as const;
  });
  return Object.fromEntries(specs);
}
