namespace Sks.OpenPgp;

/// <summary>A stretch of a keyring, as <see cref="KeyringSplitter"/> cuts it.</summary>
/// <param name="Length">Bytes it takes up; continue behind them.</param>
/// <param name="CertificateLength">
/// Bytes at its start that <see cref="CertificateReader"/> can be given: all of them, or whole packets before the place where
/// framing broke; 0 when there is nothing to read in it.
/// </param>
/// <param name="Error">Why the stretch, or its end, could not be framed.</param>
public readonly record struct KeyringExtent(int Length, int CertificateLength, ParseErrorCode Error)
{
    /// <summary>
    /// Whether there is neither a certificate nor an error here: markers, padding, the rest of something reported before.
    /// </summary>
    public bool IsEmpty => CertificateLength == 0 && Error == ParseErrorCode.None;
}
