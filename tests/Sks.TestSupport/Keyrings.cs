using System.Buffers;
using Sks.OpenPgp;

namespace Sks.TestSupport;

/// <summary>Certificates out of binary keyrings, and what went wrong with the others.</summary>
public static class Keyrings
{
    /// <summary>What <see cref="KeyringSplitter"/> makes of a whole input; empty stretches left out.</summary>
    public static List<(int Start, KeyringExtent Extent)> Split(ReadOnlySpan<byte> keyring, OpenPgpLimits? limits = null)
    {
        var extents = new List<(int Start, KeyringExtent Extent)>();
        var splitter = new KeyringSplitter(limits ?? OpenPgpLimits.Default);
        int start = 0;
        while (splitter.TryRead(keyring[start..], isFinal: true, out KeyringExtent extent) == OperationStatus.Done)
        {
            if (!extent.IsEmpty)
                extents.Add((start, extent));
            start += extent.Length;
        }

        return start == keyring.Length ? extents : throw new InvalidOperationException("The splitter stopped before the end.");
    }

    /// <summary>The same from pieces of the given lengths, one after the other and over again, kept in a growing buffer.</summary>
    public static List<(int Start, KeyringExtent Extent)> Split(
        ReadOnlySpan<byte> keyring, IReadOnlyList<int> pieceLengths, OpenPgpLimits? limits = null)
    {
        var extents = new List<(int Start, KeyringExtent Extent)>();
        var splitter = new KeyringSplitter(limits ?? OpenPgpLimits.Default);
        int start = 0;
        int arrived = 0;
        for (int piece = 0; start < keyring.Length;)
        {
            bool isFinal = arrived == keyring.Length;
            if (splitter.TryRead(keyring[start..arrived], isFinal, out KeyringExtent extent) == OperationStatus.Done)
            {
                if (!extent.IsEmpty)
                    extents.Add((start, extent));
                start += extent.Length;
                continue;
            }

            if (isFinal)
                throw new InvalidOperationException("The splitter stopped before the end.");
            arrived = Math.Min(keyring.Length, arrived + pieceLengths[piece++ % pieceLengths.Count]);
        }

        return extents;
    }

    /// <summary>All certificates that can be read, in order.</summary>
    public static List<Certificate> Read(ReadOnlyMemory<byte> keyring, OpenPgpLimits? limits = null)
    {
        var certificates = new List<Certificate>();
        foreach ((int start, KeyringExtent extent) in Split(keyring.Span, limits))
        {
            ReadOnlyMemory<byte> bytes = keyring.Slice(start, extent.CertificateLength);
            if (CertificateReader.TryRead(bytes, limits ?? OpenPgpLimits.Default, out Certificate certificate, out _))
                certificates.Add(certificate);
        }

        return certificates;
    }

    /// <summary>The only certificate in these bytes.</summary>
    public static Certificate ReadOne(ReadOnlyMemory<byte> bytes) =>
        CertificateReader.TryRead(bytes, OpenPgpLimits.Default, out Certificate certificate, out ParseError error)
            ? certificate
            : throw new InvalidOperationException($"Not a certificate: {error}.");
}
