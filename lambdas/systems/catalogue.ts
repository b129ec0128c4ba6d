import { type Catalogue, catalogueOf } from '../core/catalogue.ts';
import { elementClicked } from './activity/events.ts';
import { handled, profileUpdated } from './profiles/events.ts';

/** Every event type of every system. An event of a type that is not here is rejected. */
export const catalogue: Catalogue = catalogueOf([...handled, profileUpdated, elementClicked]);
