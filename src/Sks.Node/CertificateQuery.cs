namespace Sks.Node;

/// <summary>Looks certificates up, each call on one snapshot of the store.</summary>
public sealed class CertificateQuery
{
    /// <summary>Finds what <paramref name="selector"/> names.</summary>
    public QueryResult Find(CertificateSelector selector) => throw new NotImplementedException();
}
