namespace Sks.OpenPgp.Verification;

/// <summary>A public key of EdDSA (RFC 8032) in its native form, as all the algorithms built on it share it.</summary>
internal abstract class EdDsaPoint
{
    /// <summary>Bytes of a public key, and of each half of a signature.</summary>
    public abstract int Length { get; }

    /// <summary>Verifies R ‖ S, twice <see cref="Length"/> bytes, over <paramref name="message"/>.</summary>
    public abstract bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

    /// <summary>Whether a number is below a bound of the same length; both little-endian.</summary>
    protected static bool IsBelow(ReadOnlySpan<byte> number, ReadOnlySpan<byte> bound)
    {
        for (int i = bound.Length - 1; i >= 0; i--)
        {
            if (number[i] != bound[i])
                return number[i] < bound[i];
        }

        return false;
    }
}
