//! Contracts as `realty/contracts/…` reads them back. `number`, which cannot be written,
//! is passed over.

use serde::Deserialize;

use super::object::{Given, Object, Plain, Shape};

/// Who uses what by a contract.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    client_id: Given<i64>,
    unit_id: Given<i64>,
    is_archived: Given<bool>,
}

/// `realty/contracts/owner_contracts/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnerContractAnswer {
    id: Given<i64>,
    external_id: Given<Plain>,
    unit_usage: Given<Usage>,
    name: Given<Plain>,
    start_date: Given<Plain>,
    end_date: Given<Plain>,
    contract_with_client_scan: Given<Plain>,
    property_title_deed_scan: Given<Plain>,
    property_management_letter_scan: Given<Plain>,
    dtcm_permit_scan: Given<Plain>,
    pml_start_date: Given<Plain>,
    pml_end_date: Given<Plain>,
    work_model: Given<Plain>,
}

impl OwnerContractAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let nobody = Usage::default();
        let usage = self.unit_usage.value().unwrap_or(&nobody);
        let fields = Shape::default()
            .with("external_id", &self.external_id)
            .with("unit_id", &usage.unit_id)
            .with("client_id", &usage.client_id)
            .with("name", &self.name)
            .with("start_date", &self.start_date)
            .with("end_date", &self.end_date)
            .with("contract_with_client_scan", &self.contract_with_client_scan)
            .with("property_title_deed_scan", &self.property_title_deed_scan)
            .with("property_management_letter_scan", &self.property_management_letter_scan)
            .with("dtcm_permit_scan", &self.dtcm_permit_scan)
            .with("pml_start_date", &self.pml_start_date)
            .with("pml_end_date", &self.pml_end_date)
            .with("work_model", &self.work_model)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            is_archived: usage.is_archived.is_true(),
            fields,
        })
    }
}

/// `realty/contracts/tenant_contracts/{id}/`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TenantContractAnswer {
    id: Given<i64>,
    external_id: Given<Plain>,
    unit_usage: Given<Usage>,
    name: Given<Plain>,
    start_date: Given<Plain>,
    end_date: Given<Plain>,
    price: Given<Plain>,
    contract_scan: Given<Plain>,
    co_tenant: Given<Plain>,
    history: Given<Plain>,
    type_contract: Given<Plain>,
    co_tenant_id_scan: Given<Plain>,
    co_tenant_id: Given<Plain>,
}

impl TenantContractAnswer {
    pub(super) fn object(&self) -> Result<Object, &'static str> {
        let nobody = Usage::default();
        let usage = self.unit_usage.value().unwrap_or(&nobody);
        let fields = Shape::default()
            .with("external_id", &self.external_id)
            .with("unit_id", &usage.unit_id)
            .with("client_id", &usage.client_id)
            .with("name", &self.name)
            .with("start_date", &self.start_date)
            .with("end_date", &self.end_date)
            .with("price", &self.price)
            .with("contract_scan", &self.contract_scan)
            .with("co_tenant", &self.co_tenant)
            .with("history", &self.history)
            .with("type_contract", &self.type_contract)
            .with("co_tenant_id_scan", &self.co_tenant_id_scan)
            .with("co_tenant_id", &self.co_tenant_id)
            .fields();
        Ok(Object {
            id: self.id.id()?,
            external_id: self.external_id.text(),
            is_archived: usage.is_archived.is_true(),
            fields,
        })
    }
}
