using System.Security.Cryptography;

namespace Sks.Server.Dump;

/// <summary>One file of a dump while it is written, under a name that no reader of dumps looks at. Gone when disposed unless it was published.</summary>
internal sealed class DumpFile : IDisposable
{
    public const string PartialSuffix = ".partial";

    private const int BufferSize = 1 << 20;

    private readonly FileStream _stream;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    public DumpFile(string folder, string name)
    {
        FinalPath = Path.Combine(folder, name);
        PartialPath = PartialPathOf(folder, name);
        _stream = new FileStream(PartialPath, FileMode.Create, FileAccess.Write, FileShare.None, BufferSize);
    }

    public string FinalPath { get; }

    public string PartialPath { get; }

    /// <summary>MD5 of the whole file, lower case hex; set by <see cref="Finish"/>.</summary>
    public string Digest { get; private set; } = "";

    public static string PartialPathOf(string folder, string name) => Path.Combine(folder, '.' + name + PartialSuffix);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _digest.AppendData(bytes);
        _stream.Write(bytes);
    }

    /// <summary>Has the content on disk.</summary>
    public void Finish()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        Digest = Convert.ToHexStringLower(_digest.GetHashAndReset());
    }

    /// <summary>Gives the file its name.</summary>
    public void Publish() => File.Move(PartialPath, FinalPath, overwrite: true);

    public void Dispose()
    {
        _stream.Dispose();
        _digest.Dispose();
        File.Delete(PartialPath);
    }
}
