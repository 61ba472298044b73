using Sks.Storage;

namespace Sks.Node;

/// <summary>Takes certificates in: parses, merges, and has them stored.</summary>
public sealed class SubmissionService
{
    /// <summary>Stores what <paramref name="body"/> holds, binary or armored, any number of certificates.</summary>
    /// <returns>One outcome per certificate, in the order of the input, each after its change is on disk.</returns>
    /// <exception cref="StorageException">The store cannot be written now; what was not answered was not stored.</exception>
    public IAsyncEnumerable<SubmissionOutcome> SubmitAsync(
        ReadOnlyMemory<byte> body, ChangeSource source, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads certificates from a stream of any length, binary or armored, and stores them, many at a time.</summary>
    /// <returns>One outcome per certificate, in the order of the input, each after its change is on disk.</returns>
    /// <exception cref="StorageException">The store cannot be written now; what was not answered was not stored.</exception>
    public IAsyncEnumerable<SubmissionOutcome> ImportAsync(
        Stream keyring, ChangeSource source, CancellationToken cancellationToken) => throw new NotImplementedException();
}
