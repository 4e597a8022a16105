import { type Account, parseAccount, projectAccount, type ProjectAccountState } from './account';

/** A place of a project, and the names of its accounts. */
export interface ProjectPlace {
  readonly projectCode: string;
  readonly place: string;
  readonly accounts: Readonly<Record<ProjectAccountState, Account>>;
}

const projectPlace = (projectCode: string, place: string): ProjectPlace => ({
  projectCode,
  place,
  accounts: {
    available: projectAccount(projectCode, place, 'available'),
    held: projectAccount(projectCode, place, 'held'),
    paid: projectAccount(projectCode, place, 'paid'),
  },
});

/**
 * Where payments were made in one pool. It has few places and many entries at each of them, which share their names:
 * putting a name together and finding an account by a new text costs more than deciding on the entry.
 */
export class ProjectPlaces {
  readonly #byProject = new Map<string, Map<string, ProjectPlace>>();
  readonly #byAccount = new Map<Account, ProjectPlace>();

  at(projectCode: string, place: string): ProjectPlace {
    return this.#byProject.get(projectCode)?.get(place) ?? projectPlace(projectCode, place);
  }

  /** The place that an account of a project belongs to; from then on it is known. */
  of(account: Account): ProjectPlace {
    return this.#byAccount.get(account) ?? this.#remember(account);
  }

  #remember(account: Account): ProjectPlace {
    const parsed = parseAccount(account);
    if (parsed.kind !== 'project') throw new Error(`a payment moves money of a project, not of ${account}`);
    const known = this.at(parsed.projectCode, parsed.place);
    const places = this.#byProject.get(parsed.projectCode);
    if (places === undefined) this.#byProject.set(parsed.projectCode, new Map([[parsed.place, known]]));
    else places.set(parsed.place, known);
    this.#byAccount.set(account, known);
    return known;
  }
}
