import { createHandler } from '../../aws/handler.ts';
import { catalogue } from '../catalogue.ts';
import { devicesProcessor } from './processor.ts';

export const handler = createHandler(devicesProcessor, catalogue);
