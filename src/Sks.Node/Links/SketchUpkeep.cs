using Sks.Storage;

namespace Sks.Node.Links;

/// <summary>Follows the change log once for all links, keeps their sketches up, and has them saved now and then.</summary>
/// <remarks>
/// Changes are read in batches and taken in link by link, so that a sketch stays in the processor's cache for a batch. It is a matter of speed alone: before
/// a sketch is used it takes in by itself what it lacks. When this loop has ended, everything goes on, only slower.
/// </remarks>
/// <param name="store">Whose log.</param>
/// <param name="links">Their sketches.</param>
internal sealed class SketchUpkeep(CertificateStore store, LinkTable links)
{
    /// <summary>Runs until it is stopped or the store closes.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ulong sequence = store.Newest.Sequence;
        try
        {
            while (true)
            {
                await store.WaitForChangeAsync(sequence, cancellationToken).ConfigureAwait(false);
                ulong newest = store.Newest.Sequence;
                ChangeBatch? batch = ChangeBatch.Read(store, sequence, policy: null);

                // What the log does not tell makes every sketch look for itself.
                batch ??= new ChangeBatch(0, newest, newest, default, default);
                sequence = batch.After;
                foreach (Link link in links.ReadAll())
                    link.Follow(batch);
                await SaveAllAsync(isLast: false).ConfigureAwait(false);
            }
        }
        catch (StorageException)
        {
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Saves the sketches of which it is worth it.</summary>
    /// <param name="isLast">Whether the node closes.</param>
    public async Task SaveAllAsync(bool isLast)
    {
        foreach (Link link in links.ReadAll())
        {
            try
            {
                await link.SaveAsync(isLast).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // A full disk: what was saved before is good still, and the next time is soon.
            }
        }
    }
}
