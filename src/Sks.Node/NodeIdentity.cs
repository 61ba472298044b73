using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sks.Storage;

namespace Sks.Node;

/// <summary>The key pair that a node signs with and is known by, and its self-signed X.509 certificate.</summary>
/// <remarks>
/// ECDSA on P-256. <c>node-key.pem</c> (PKCS#8, mode 0600) and <c>node.pem</c> lie beside the database. They are made at the first start and
/// never again: a node without them is another node. The certificate does not expire, as peers go by the key's hash and nothing else.
/// </remarks>
public sealed class NodeIdentity : IDisposable
{
    private const string KeyFile = "node-key.pem";
    private const string CertificateFile = "node.pem";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private static readonly DateTimeOffset EndOfTime = DateTimeOffset.Parse("9999-12-31T23:59:59Z", CultureInfo.InvariantCulture);

    private readonly ECDsa _key;

    private NodeIdentity(ECDsa key, X509Certificate2 certificate)
    {
        _key = key;
        Certificate = certificate;
        PublicKey = key.ExportSubjectPublicKeyInfo();
        Id = NodeId.Of(PublicKey.Span);
    }

    /// <summary>Who this node is.</summary>
    public NodeId Id { get; }

    /// <summary>The public key: DER of SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>The certificate, without the private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Reads the key pair in a folder, or makes one where there is none.</summary>
    /// <param name="folder">The node's data folder, which is there.</param>
    /// <param name="time">For the start of the certificate's validity.</param>
    /// <exception cref="StorageException">The files cannot be read or written, or do not belong together.</exception>
    public static NodeIdentity LoadOrCreate(string folder, TimeProvider time)
    {
        string keyPath = Path.Combine(folder, KeyFile);
        string certificatePath = Path.Combine(folder, CertificateFile);
        try
        {
            if (!File.Exists(keyPath))
            {
                if (File.Exists(certificatePath))
                    throw new StorageException(StorageErrorKind.Corrupt, $"{certificatePath} is there but {keyPath} is not: restore it, or remove both to become another node.");
                using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                Write(keyPath, made.ExportPkcs8PrivateKeyPem(), Private);
            }

            // The key comes first, so that a crash in between leaves a node that goes on with it.
            ECDsa key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(keyPath));
            if (!File.Exists(certificatePath))
                Write(certificatePath, CreateCertificate(key, time).ExportCertificatePem(), Public);
            return Check(new NodeIdentity(key, X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath))), certificatePath);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new StorageException(StorageErrorKind.Corrupt, $"{keyPath} or {certificatePath} is damaged: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The node's key in {folder} cannot be read or written: {e.Message}", e);
        }
    }

    /// <summary>The certificate with the private key, for TLS. The caller disposes it; it outlives this object.</summary>
    public X509Certificate2 CreateTlsCertificate() => Certificate.CopyWithPrivateKey(_key);

    /// <summary>Whether a folder holds a node's private key.</summary>
    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, KeyFile));

    /// <summary>Copies the key pair to another folder, which is there, unless it holds it already.</summary>
    /// <exception cref="StorageException">The folder holds another key pair, or cannot be written.</exception>
    internal void CopyTo(string folder)
    {
        string keyPath = Path.Combine(folder, KeyFile);
        try
        {
            string key = _key.ExportPkcs8PrivateKeyPem();
            if (!File.Exists(keyPath))
                Write(keyPath, key, Private);
            else if (File.ReadAllText(keyPath).Trim() != key.Trim())
                throw new StorageException(StorageErrorKind.NotWritable, $"{keyPath} is the key of another node.");
            string certificatePath = Path.Combine(folder, CertificateFile);
            if (!File.Exists(certificatePath))
                Write(certificatePath, Certificate.ExportCertificatePem(), Public);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageErrorKind.NotWritable, $"The node's key cannot be written to {folder}: {e.Message}", e);
        }
    }

    /// <summary>Signs with ECDSA over SHA-256.</summary>
    /// <returns>64 bytes, r and s (IEEE P1363).</returns>
    public byte[] Sign(ReadOnlySpan<byte> data) => _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <summary>Whether <paramref name="signature"/> is by the holder of a public key.</summary>
    /// <param name="publicKey">DER of SubjectPublicKeyInfo; false when it is none on P-256.</param>
    /// <param name="data">What is signed.</param>
    /// <param name="signature">64 bytes.</param>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out int read);
            return read == publicKey.Length
                && key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                && key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
    }

    private static NodeIdentity Check(NodeIdentity identity, string certificatePath)
    {
        if (identity.Certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(identity.PublicKey.Span))
            return identity;
        identity.Dispose();
        throw new StorageException(StorageErrorKind.Corrupt, $"{certificatePath} belongs to another key: remove it, and it is made anew.");
    }

    private static X509Certificate2 CreateCertificate(ECDsa key, TimeProvider time)
    {
        var request = new CertificateRequest(
            $"CN={NodeId.Of(key.ExportSubjectPublicKeyInfo())}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        return request.CreateSelfSigned(time.GetUtcNow().AddDays(-1), EndOfTime);
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        string partial = path + ".new";
        File.Delete(partial);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (var file = new FileStream(partial, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(partial, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }
}
