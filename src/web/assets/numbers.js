// The live numbers of journal, actors and gateways.

export class Numbers {
  show() {}
}
