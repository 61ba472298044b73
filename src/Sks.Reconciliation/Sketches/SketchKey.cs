namespace Sks.Reconciliation.Sketches;

/// <summary>The secret of a link, which decides where in a sketch an element goes. Known to the two ends of the link only.</summary>
public sealed class SketchKey
{
    /// <summary>Bytes of a secret.</summary>
    public const int SecretLength = 32;

    /// <summary>The key that follows from a secret.</summary>
    /// <param name="secret"><see cref="SecretLength"/> bytes.</param>
    public static SketchKey Of(ReadOnlySpan<byte> secret) => throw new NotImplementedException();
}
