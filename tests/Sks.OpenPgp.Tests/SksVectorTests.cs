using System.Security.Cryptography;
using System.Text.Json;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

/// <summary>Digests, fingerprints, key IDs, merging and output, byte for byte as a real SKS has them.</summary>
public sealed class SksVectorTests
{
    [Fact]
    public void All_266_certificates_have_the_digest_that_SKS_computes()
    {
        IReadOnlyList<KeyHashVector> vectors = KeyHashVector.ReadAll();
        IReadOnlyList<ReadOnlyMemory<byte>> certificates = KeyHashVector.ReadCertificates();
        Assert.Equal(266, vectors.Count);

        for (int i = 0; i < vectors.Count; i++)
        {
            Certificate certificate = Keyrings.ReadOne(certificates[i]);
            Assert.Equal(vectors[i].Digest, certificate.Digest.ToString());
            Assert.Equal(vectors[i].Fingerprint, certificate.PrimaryKey.Fingerprint.ToString());
            Assert.Equal(vectors[i].KeyId, certificate.PrimaryKey.KeyId.ToString());
            Assert.Equal(vectors[i].Version, certificate.PrimaryKey.Version);
            Assert.Equal(vectors[i].Algorithm, (int)certificate.PrimaryKey.Algorithm);
            Assert.Equal(vectors[i].Packets, certificate.PacketCount);
        }
    }

    [Fact]
    public void All_266_certificates_are_written_as_SKS_writes_them_but_for_the_direction_of_signatures()
    {
        // SKS turns the signatures of a component around each time it reads them; here they stay as they came.
        IReadOnlyList<KeyHashVector> vectors = KeyHashVector.ReadAll();
        IReadOnlyList<ReadOnlyMemory<byte>> certificates = KeyHashVector.ReadCertificates();
        for (int i = 0; i < vectors.Count; i++)
        {
            Certificate certificate = Keyrings.ReadOne(certificates[i]);
            Packet[] turned =
            [
                .. certificate.Packets.Take(1 + certificate.DirectSignatures.Count),
                .. certificate.UserIds.Concat(certificate.Subkeys).SelectMany(static c => c.Signatures.Reverse().Prepend(c.Packet)),
            ];
            byte[] written = Write(turned);

            Assert.Equal(vectors[i].CanonicalLength, written.Length);
            Assert.Equal(vectors[i].CanonicalSha256, Convert.ToHexStringLower(SHA256.HashData(written)));
            Assert.Equal(Write([.. certificate.Packets]), certificate.ToArray());
        }
    }

    [Fact]
    public void The_splitter_cuts_a_keyring_where_the_vectors_say()
    {
        int[] lengths = [.. Keyrings.Split(KeyHashVector.ReadKeyring()).Select(static e => e.Extent.CertificateLength)];

        Assert.Equal(KeyHashVector.ReadAll().Select(static v => v.SourceLength), lengths);
    }

    [Fact]
    public void Merging_gives_what_SKS_stored_whichever_comes_first()
    {
        using JsonDocument vector = JsonDocument.Parse(TestData.Read("hkp", "merge.json"));
        Certificate first = Keyrings.ReadOne(Field("first"));
        Certificate second = Keyrings.ReadOne(Field("second"));
        string digest = vector.RootElement.GetProperty("stored_hash").GetString()!;

        Certificate merged = CertificateMerger.Merge(first, second);
        Certificate reversed = CertificateMerger.Merge(second, first);

        Assert.Equal(digest, merged.Digest.ToString());
        Assert.Equal(digest, reversed.Digest.ToString());
        Assert.Equal(Field("stored"), merged.ToArray());

        byte[] Field(string name) => Convert.FromHexString(vector.RootElement.GetProperty(name).GetString()!);
    }

    private static byte[] Write(Packet[] packets)
    {
        var bytes = new byte[packets.Sum(static p => PacketWriter.GetLength(p))];
        int written = 0;
        foreach (Packet packet in packets)
            written += PacketWriter.Write(packet, bytes.AsSpan(written));
        return bytes;
    }
}
