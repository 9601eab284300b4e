import type { TokenDocument } from './collections/token.ts';
import { Repository } from './repository.ts';
import { unlessDuplicateKey } from './server-errors.ts';

/** The tokens of the API. A revoked one is removed: its name is free again, and the audit tells of it. */
export class TokenRepository extends Repository<TokenDocument> {
  /** @returns false when there is one of this name. */
  async add(token: TokenDocument): Promise<boolean> {
    return (await unlessDuplicateKey(this.model.create(token))) !== undefined;
  }

  async findByTokenId(tokenId: string): Promise<TokenDocument | undefined> {
    return (await this.model.findOne({ token_id: tokenId }).lean<TokenDocument>()) ?? undefined;
  }

  /** All tokens by name: a person makes each of them. */
  async all(): Promise<TokenDocument[]> {
    return await this.model.find().sort({ _id: 1 }).lean();
  }

  /** @returns false when there is none of this name. */
  async remove(name: string): Promise<boolean> {
    return (await this.model.deleteOne({ _id: name })).deletedCount > 0;
  }

  /** Records a use; an older one never replaces a newer one. */
  async noteUse(tokenId: string, at: Date): Promise<void> {
    await this.model.updateOne({ token_id: tokenId }, { $max: { last_used_at: at } });
  }
}
