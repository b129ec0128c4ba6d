import { createHandler } from '../../aws/handler.ts';
import { catalogue } from '../catalogue.ts';
import { profilesProcessor } from './processor.ts';

export const handler = createHandler(profilesProcessor, catalogue);
