import type { FeedAddressDocument } from './collections/feed-address.ts';
import { Repository } from './repository.ts';

/** The secret addresses of feeds, by the hash of their secret part. */
export class FeedAddressRepository extends Repository<FeedAddressDocument> {
  async add(address: FeedAddressDocument): Promise<void> {
    await this.model.create(address);
  }

  /** The addresses of one feed, or with null those of all feeds; the latest first. */
  async of(playlistId: string | null): Promise<FeedAddressDocument[]> {
    return await this.model.find({ playlist_id: playlistId }).sort({ made_at: -1 }).lean();
  }

  async countOf(playlistId: string | null): Promise<number> {
    return await this.model.countDocuments({ playlist_id: playlistId });
  }

  /** @returns false when there is no such address of this feed. */
  async remove(id: string, playlistId: string | null): Promise<boolean> {
    return (await this.model.deleteOne({ _id: id, playlist_id: playlistId })).deletedCount > 0;
  }

  async noteUse(id: string, at: Date): Promise<void> {
    await this.model.updateOne({ _id: id }, { $set: { last_used_at: at } });
  }
}
